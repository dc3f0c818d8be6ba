-- To which destinations were exports authorised in 2024-25, in the fictional sample rows?
select
    country.country_name,
    count(*) as authorisations,
    round(sum(authorisation.value_inr) / 10000000) as crore
from marts.fct_export_authorisation as authorisation
inner join marts.dim_country as country on authorisation.destination_iso3 = country.iso3
where authorisation.fy_label = '2024-25' and authorisation.is_sample
group by country.country_name
order by crore desc, country.country_name asc
limit 10;
