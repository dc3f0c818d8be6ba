-- Who stated the production of 2024-25, when, and what was each statement taken for?
select
    stated.known_on,
    stated.stated_as,
    stated.kind,
    stated.role,
    page.publisher,
    page.url
from marts.fct_production_statement as stated
inner join marts.dim_source_document as page on stated.source_document_id = page.source_document_id
where stated.fy_label = '2024-25' and stated.sector = 'total' and stated.measure = 'value'
order by stated.known_on asc, stated.stated_as asc;
