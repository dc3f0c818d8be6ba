-- What has actually been invested in the two defence corridors, as stated over the years?
select
    invested.as_of_on,
    invested.corridor,
    round(invested.amount_inr / 10000000) as crore,
    invested.stated_as,
    page.host
from marts.fct_corridor_investment as invested
inner join marts.dim_source_document as page
    on invested.source_document_id = page.source_document_id
where invested.investment_kind = 'actual' and invested.place_level <> 'node'
order by invested.as_of_on asc, invested.corridor asc, crore asc;
