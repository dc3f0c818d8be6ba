-- What is India's defence production by year, and which figure did the latest one replace?
select
    now.fy_label,
    round(now.value_inr / 10000000) as crore,
    now.known_from as known_since,
    round(replaced.value_inr / 10000000) as replaced_crore,
    page.publisher
from marts.fct_production as now
inner join marts.dim_source_document as page on now.source_document_id = page.source_document_id
left join marts.fct_production_revision as replaced
    on now.production_id = replaced.production_id and now.known_from = replaced.known_to
where now.sector = 'total' and now.measure = 'value' and now.scope = 'headline'
order by now.fy_label desc;
