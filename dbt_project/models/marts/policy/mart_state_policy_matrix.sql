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
)

select
    {{ stable_id([
        'in_force.policy_id', 'in_force.incentive_type', 'in_force.unit_category',
        'in_force.zone', 'in_force.base', 'in_force.cap_basis', 'in_force.benefit_form',
        'in_force.clause_role', 'in_force.source_document_id', 'in_force.applies_from',
    ]) }} as state_policy_matrix_id,
    in_force.state_code,
    states.state_name,
    in_force.incentive_type,
    in_force.unit_category,
    in_force.zone,
    in_force.applies_from as valid_from,
    in_force.applies_to as valid_to,
    in_force.is_carried_over,
    in_force.policy_id,
    policies.title as policy_title,
    policies.sector_scope,
    in_force.benefit_form,
    in_force.clause_role,
    min(in_force.rate_percent) as rate_percent_from,
    max(coalesce(in_force.rate_percent_max, in_force.rate_percent)) as rate_percent_to,
    in_force.base,
    in_force.base_group,
    min(in_force.cap_inr) as cap_inr_from,
    max(in_force.cap_inr) as cap_inr_to,
    in_force.cap_basis,
    max(in_force.period_years) as period_years_to,
    count(*) as clauses,
    max(case when in_force.is_doubtful then 1 else 0 end) = 1 as is_doubtful,
    {{ dbt.listagg('in_force.stated_as', "' | '", 'order by in_force.stated_as') }} as stated_as,
    in_force.source_document_id
from in_force
inner join policies on in_force.policy_id = policies.policy_id
inner join states on in_force.state_code = states.state_code
group by
    in_force.state_code,
    states.state_name,
    in_force.incentive_type,
    in_force.unit_category,
    in_force.zone,
    in_force.applies_from,
    in_force.applies_to,
    in_force.is_carried_over,
    in_force.policy_id,
    policies.title,
    policies.sector_scope,
    in_force.benefit_form,
    in_force.clause_role,
    in_force.base,
    in_force.base_group,
    in_force.cap_basis,
    in_force.source_document_id
