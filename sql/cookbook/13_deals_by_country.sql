-- To which countries are export deals reported, and what is known of their value?
select
    country.country_name,
    count(*) filter (where not deal.is_doubtful) as deals,
    count(*) filter (where deal.is_doubtful) as deals_in_doubt,
    round(sum(deal.value_usd) filter (where not deal.is_doubtful) / 1000000, 1)
        as usd_million_stated,
    round(sum(deal.value_inr) filter (where not deal.is_doubtful) / 10000000) as crore_stated
from marts.fct_export_deal as deal
inner join marts.dim_country as country on deal.destination_iso3 = country.iso3
group by country.country_name
order by deals desc, country.country_name asc;
