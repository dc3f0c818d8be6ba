-- Which targets for production and exports are still open, and does growth suffice to reach them?
select
    target_name,
    fy_label,
    round(target_inr / 10000000) as target_crore,
    actual_fy_label,
    round(actual_inr / 10000000) as actual_crore,
    required_growth_percent,
    growth_3_years_percent,
    is_on_track
from marts.mart_target_tracker
where outcome = 'open' and kind = 'target'
order by fy_label asc, target_name asc;
