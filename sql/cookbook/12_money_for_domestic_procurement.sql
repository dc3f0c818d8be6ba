-- How large is the part of the capital acquisition budget that is kept for domestic industry?
select
    fy_label,
    head,
    estimate_type,
    round(value_inr / 10000000) as crore,
    value_percent,
    stated_as
from marts.fct_budget
where head like '%domestic%'
order by period_from desc, head asc, stated_as asc;
