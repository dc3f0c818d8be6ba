-- Which defence and aerospace policies were in force on 1 April 2025, and until when?
select
    state.state_name,
    policy.title,
    policy.valid_from,
    policy.valid_to,
    policy.valid_to_basis
from marts.dim_policy as policy
inner join marts.dim_state as state on policy.state_code = state.state_code
where
    policy.sector_scope = 'aerospace_and_defence'
    and policy.valid_from <= '2025-04-01'
    and (policy.valid_to is null or '2025-04-01' < policy.valid_to)
order by state.state_name asc, policy.valid_from asc, policy.title asc;
