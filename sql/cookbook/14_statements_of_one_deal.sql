-- What do publications say that the Philippines pay for the BrahMos system?
select
    stated.known_on,
    stated.value_usd,
    stated.value_role,
    stated.status,
    page.publisher
from marts.fct_export_deal_statement as stated
inner join marts.fct_export_deal as deal on stated.deal_id = deal.deal_id
inner join marts.dim_source_document as page on stated.source_document_id = page.source_document_id
where deal.destination_iso3 = 'PHL' and deal.deal_name like 'BrahMos%'
order by stated.known_on asc nulls last, stated.value_usd desc;
