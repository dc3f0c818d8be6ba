-- What would a large unit that invests Rs 100 crore have been granted on 1 April 2026, by policy?
select
    state_name,
    policy_title,
    round(sum(amount_inr) / 10000000, 2) as crore_stated,
    sum(incentives_without_amount) as incentives_without_amount,
    bool_or(is_doubtful) as is_doubtful
from marts.mart_incentive_benchmark
where
    benchmark = 'large_100_crore' and on_date = '2026-04-01'
    and sector_scope = 'aerospace_and_defence'
group by state_name, policy_title
order by crore_stated desc nulls last, state_name asc;
