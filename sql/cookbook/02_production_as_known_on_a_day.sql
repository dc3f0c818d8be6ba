-- What was known of the production of 2024-25 on 1 September 2025, and from which publication?
select
    known.stated_as,
    known.known_from,
    known.known_to,
    page.publisher
from marts.fct_production_revision as known
inner join marts.dim_source_document as page on known.source_document_id = page.source_document_id
where
    known.known_from <= '2025-09-01' and (known.known_to is null or '2025-09-01' < known.known_to)
    and known.fy_label = '2024-25'
    and known.sector = 'total' and known.measure = 'value' and known.scope = 'headline';
