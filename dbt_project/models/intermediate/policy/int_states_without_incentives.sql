with states as (
    select * from {{ ref('dim_state') }}
),

policies as (
    select * from {{ ref('dim_policy') }}
    where valid_from is not null
),

incentives as (
    select
        incentives.*,
        policies.lineage
    from {{ ref('fct_policy_incentive') }} as incentives
    inner join policies on incentives.policy_id = policies.policy_id
),

days as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day
    from {{ ref('dim_date') }}
),

in_force as (
    select
        policies.state_code,
        policies.valid_from,
        max(coalesce(policies.valid_to, days.last_day)) over (
            partition by policies.state_code
            order by policies.valid_from, policies.policy_id
            rows between unbounded preceding and 1 preceding
        ) as ended_before
    from policies
    cross join days
),

gaps as (
    select
        in_force.state_code,
        coalesce(in_force.ended_before, days.first_day) as valid_from,
        in_force.valid_from as valid_to
    from in_force
    cross join days
    where in_force.valid_from > coalesce(in_force.ended_before, days.first_day)
    union all
    select
        states.state_code,
        coalesce(max(policies.valid_to), min(days.first_day)) as valid_from,
        cast(null as date) as valid_to
    from states
    cross join days
    left join policies on states.state_code = policies.state_code
    group by states.state_code
    having count(policies.policy_id) = count(policies.valid_to)
)

select
    state_code,
    cast(null as {{ dbt.type_string() }}) as policy_id,
    valid_from,
    valid_to
from gaps
union all
select
    policies.state_code,
    policies.policy_id,
    policies.valid_from,
    policies.valid_to
from policies
where not exists (
    select 1
    from incentives
    where
        incentives.lineage = policies.lineage
        and (
            incentives.policy_id = policies.policy_id
            or (
                incentives.carried_by_policy_id is not null
                and incentives.valid_to <= policies.valid_from
                and (
                    incentives.carried_to is null
                    or policies.valid_from < incentives.carried_to
                )
            )
        )
)
