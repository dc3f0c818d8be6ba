-- From which page, source and load does the latest production figure come?
select
    produced.fy_label,
    page.url,
    page.published_on,
    brought.source_name,
    brought.load_id
from marts.fct_production as produced
inner join marts.dim_source_document as page
    on produced.source_document_id = page.source_document_id
inner join marts.bridge_document_load as brought
    on produced.source_document_id = brought.source_document_id
where
    produced.fy_label = '2024-25' and produced.sector = 'total' and produced.measure = 'value'
    and produced.scope = 'headline' and brought.source_name = 'production_annual';
