-- What were India's defence exports in US dollars, and why is the figure of a year missing?
select
    fy_label,
    round(value_inr / 10000000) as crore,
    round(value_usd / 1000000) as usd_million,
    usd_missing_reason,
    growth_percent
from marts.mart_export_performance
where sector = 'total'
order by fy_label desc;
