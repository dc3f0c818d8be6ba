-- Which states subsidise a defence manufacturer's capital today, and at which rate?
select
    state_name,
    unit_category,
    zone,
    rate_percent_from,
    rate_percent_to,
    base,
    round(cap_inr_to / 10000000) as cap_crore,
    policy_title,
    valid_from
from marts.mart_state_policy_matrix
where
    incentive_type = 'capital_subsidy' and sector_scope = 'aerospace_and_defence'
    and valid_from <= current_date and (valid_to is null or current_date < valid_to)
order by rate_percent_to desc nulls last, state_name asc, unit_category asc, zone asc;
