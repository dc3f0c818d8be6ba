{{ config(post_hook="{{ create_estimate_functions() }}") }}

-- The functions read it too: depends_on: {{ ref('mart_state_policy_matrix') }}

with cases as (
    select * from {{ ref('int_benchmark_cases_set') }}
),

estimated as (
    select * from {{ ref('int_benchmarks_estimated') }}
),

policies as (
    select * from {{ ref('dim_policy') }}
),

states as (
    select * from {{ ref('dim_state') }}
),

in_force as (
    select
        cases.case_id,
        policies.*
    from cases
    inner join policies
        on
            cases.on_date >= policies.valid_from
            and (policies.valid_to is null or cases.on_date < policies.valid_to)
),

traced as (
    select
        estimated.*,
        policies.lineage
    from estimated
    inner join policies on estimated.policy_id = policies.policy_id
),

assumptions as (
    select
        case_id,
        lineage,
        incentive_type,
        assumption
    from traced
    where is_counted
    group by case_id, lineage, incentive_type, assumption
),

assumption_lists as (
    select
        case_id,
        lineage,
        incentive_type,
        {{ dbt.listagg('assumption', "' | '", 'order by assumption') }} as assumption
    from assumptions
    group by case_id, lineage, incentive_type
),

reasons as (
    select
        case_id,
        lineage,
        incentive_type,
        reason_without_amount
    from traced
    where reason_without_amount is not null
    group by case_id, lineage, incentive_type, reason_without_amount
),

reason_lists as (
    select
        case_id,
        lineage,
        incentive_type,
        {{ dbt.listagg('reason_without_amount', "' | '", 'order by reason_without_amount') }}
            as reason_without_amount
    from reasons
    group by case_id, lineage, incentive_type
),

types as (
    select
        case_id,
        lineage,
        incentive_type,
        min(case when is_counted then amount_inr end) as amount_inr,
        max(case when is_counted then coalesce(amount_inr_max, amount_inr) end) as amount_inr_max,
        sum(case when benefit_form in ('ceiling', 'fund') then 0 else 1 end) as incentives,
        count(amount_inr) as incentives_with_amount,
        max(case when is_doubtful then 1 else 0 end) = 1 as is_doubtful,
        max(case when is_carried_over then 1 else 0 end) = 1 as is_carried_over
    from traced
    group by case_id, lineage, incentive_type
)

select
    {{ stable_id([
        'cases.case_id', 'states.state_code', 'in_force.policy_id', 'types.incentive_type',
    ]) }} as incentive_benchmark_id,
    cases.benchmark,
    cases.unit_category,
    cases.investment_inr,
    cases.on_date,
    cases.is_last_day,
    states.state_code,
    states.state_name,
    states.ad_policy_coverage,
    in_force.policy_id,
    in_force.title as policy_title,
    in_force.sector_scope,
    types.incentive_type,
    types.amount_inr,
    types.amount_inr_max,
    coalesce(types.incentives, 0) as incentives,
    coalesce(types.incentives - types.incentives_with_amount, 0) as incentives_without_amount,
    types.is_doubtful,
    types.is_carried_over,
    assumption_lists.assumption,
    case
        when in_force.policy_id is null then 'no policy in force on that day is known'
        when types.incentive_type is null then 'no incentive for such a unit is published'
        else reason_lists.reason_without_amount
    end as reason_without_amount
from cases
cross join states
left join in_force
    on cases.case_id = in_force.case_id and states.state_code = in_force.state_code
left join types
    on cases.case_id = types.case_id and in_force.lineage = types.lineage
left join assumption_lists
    on
        types.case_id = assumption_lists.case_id
        and types.lineage = assumption_lists.lineage
        and types.incentive_type = assumption_lists.incentive_type
left join reason_lists
    on
        types.case_id = reason_lists.case_id
        and types.lineage = reason_lists.lineage
        and types.incentive_type = reason_lists.incentive_type
