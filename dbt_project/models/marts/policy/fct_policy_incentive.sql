with incentives as (
    select * from {{ ref('int_policy_incentives_read') }}
),

policies as (
    select * from {{ ref('dim_policy') }}
),

carried as (
    select * from {{ ref('int_policy_incentives_carried') }}
)

select
    {{ stable_id([
        'incentives.policy_id', 'incentives.incentive_type', 'incentives.unit_category',
        'incentives.zone', 'incentives.base', 'incentives.conditions', 'incentives.cap_basis',
        'incentives.source_url',
    ]) }} as policy_incentive_id,
    incentives.policy_id,
    policies.state_code,
    incentives.incentive_type,
    incentives.unit_category,
    incentives.zone,
    incentives.benefit_form,
    incentives.rate_percent,
    incentives.rate_percent_max,
    incentives.rate_other,
    incentives.cap_inr,
    incentives.cap_basis,
    incentives.period_years,
    incentives.base,
    incentives.base_group,
    incentives.base_in_words,
    incentives.conditions,
    incentives.clause_role,
    incentives.investment_from_inr,
    incentives.investment_to_inr,
    incentives.in_year,
    incentives.is_doubtful,
    policies.valid_from,
    policies.valid_to,
    carried.carried_by_policy_id,
    carried.carried_to,
    incentives.stated_as,
    incentives.source_kind,
    {{ source_document_id('incentives.source_url') }} as source_document_id
from incentives
left join policies on incentives.policy_id = policies.policy_id
left join carried
    on
        incentives.policy_id = carried.policy_id
        and incentives.incentive_type = carried.incentive_type
