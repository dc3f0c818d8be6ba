with incentives as (
    select * from {{ ref('fct_policy_incentive') }}
    where valid_from is not null
),

policies as (
    select * from {{ ref('dim_policy') }}
),

states as (
    select * from {{ ref('dim_state') }}
),

without_incentives as (
    select * from {{ ref('int_states_without_incentives') }}
),

in_force as (
    select
        *,
        valid_from as applies_from,
        valid_to as applies_to,
        false as is_carried_over
    from incentives
    union all
    select
        *,
        valid_to as applies_from,
        carried_to as applies_to,
        true as is_carried_over
    from incentives
    where carried_by_policy_id is not null
),

cells as (
    select
        state_code,
        incentive_type,
        unit_category,
        zone,
        applies_from,
        applies_to,
        is_carried_over,
        policy_id,
        benefit_form,
        clause_role,
        min(rate_percent) as rate_percent_from,
        max(coalesce(rate_percent_max, rate_percent)) as rate_percent_to,
        base,
        base_group,
        min(cap_inr) as cap_inr_from,
        max(cap_inr) as cap_inr_to,
        cap_basis,
        max(period_years) as period_years_to,
        count(*) as clauses,
        max(case when is_doubtful then 1 else 0 end) = 1 as is_doubtful,
        {{ dbt.listagg('stated_as', "' | '", 'order by stated_as') }} as stated_as,
        source_document_id
    from in_force
    group by
        state_code,
        incentive_type,
        unit_category,
        zone,
        applies_from,
        applies_to,
        is_carried_over,
        policy_id,
        benefit_form,
        clause_role,
        base,
        base_group,
        cap_basis,
        source_document_id
),

periods as (
    select
        state_code,
        applies_from,
        applies_to,
        policy_id,
        'incentive' as coverage
    from cells
    group by state_code, applies_from, applies_to, policy_id
    union all
    select
        state_code,
        valid_from as applies_from,
        valid_to as applies_to,
        policy_id,
        case
            when policy_id is null then 'no_policy_known' else 'no_incentive_published'
        end as coverage
    from without_incentives
)

select
    {{ stable_id([
        'periods.state_code', 'periods.policy_id', 'cells.incentive_type', 'cells.unit_category',
        'cells.zone', 'cells.base', 'cells.cap_basis', 'cells.benefit_form', 'cells.clause_role',
        'cells.source_document_id', 'periods.applies_from',
    ]) }} as state_policy_matrix_id,
    periods.state_code,
    states.state_name,
    states.ad_policy_coverage,
    periods.coverage,
    cells.incentive_type,
    cells.unit_category,
    cells.zone,
    periods.applies_from as valid_from,
    periods.applies_to as valid_to,
    coalesce(cells.is_carried_over, false) as is_carried_over,
    periods.policy_id,
    policies.title as policy_title,
    policies.sector_scope,
    cells.benefit_form,
    cells.clause_role,
    cells.rate_percent_from,
    cells.rate_percent_to,
    cells.base,
    cells.base_group,
    cells.cap_inr_from,
    cells.cap_inr_to,
    cells.cap_basis,
    cells.period_years_to,
    coalesce(cells.clauses, 0) as clauses,
    coalesce(cells.is_doubtful, false) as is_doubtful,
    cells.stated_as,
    coalesce(
        cells.source_document_id, policies.source_document_id, states.source_document_id
    ) as source_document_id
from periods
inner join states on periods.state_code = states.state_code
left join policies on periods.policy_id = policies.policy_id
left join cells
    on
        periods.coverage = 'incentive'
        and periods.policy_id = cells.policy_id
        and periods.applies_from = cells.applies_from
