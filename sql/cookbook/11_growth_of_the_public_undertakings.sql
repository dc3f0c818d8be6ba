-- Which public undertakings had the highest turnover in 2023-24, and how did it grow?
with turnover as (
    select
        dpsu,
        fy_start_date,
        max(value_inr) as value_inr
    from marts.fct_dpsu_financials
    where
        measure = 'turnover' and period_kind = 'year' and not is_group and not is_doubtful
        and not is_lower_bound
    group by dpsu, fy_start_date
)

select
    now.dpsu,
    round(now.value_inr / 10000000) as crore,
    round(100 * (now.value_inr / before.value_inr - 1), 1) as growth_percent
from turnover as now
left join turnover as before
    on now.dpsu = before.dpsu and now.fy_start_date = before.fy_start_date + interval '1 year'
where now.fy_start_date = '2023-04-01'
order by now.value_inr desc, now.dpsu asc;
