with incentives as (
    select * from {{ ref('stg_policy_incentives') }}
),

bases as (
    select * from {{ ref('incentive_bases_conformed') }}
),

conditions_reviewed as (
    select * from {{ ref('incentive_conditions_reviewed') }}
)

select
    incentives.policy_id,
    incentives.incentive_type,
    incentives.unit_category,
    incentives.zone,
    case
        when conditions_reviewed.clause_role = 'ceiling' then 'ceiling'
        when bases.base_group = 'fund' then 'fund'
        when incentives.rate_percent is not null then 'percent'
        when incentives.cap_crore is not null then 'amount'
        when incentives.rate_other is not null then 'other'
        else 'not_stated'
    end as benefit_form,
    incentives.rate_percent,
    incentives.rate_percent_max,
    incentives.rate_other,
    {{ crore_to_inr('incentives.cap_crore') }} as cap_inr,
    incentives.cap_basis,
    incentives.period_years,
    incentives.base,
    bases.base_group,
    bases.base_in_words,
    incentives.conditions,
    conditions_reviewed.clause_role,
    {{ crore_to_inr('conditions_reviewed.investment_from_crore') }} as investment_from_inr,
    {{ crore_to_inr('conditions_reviewed.investment_to_crore') }} as investment_to_inr,
    conditions_reviewed.in_year,
    coalesce(conditions_reviewed.is_doubtful, false) as is_doubtful,
    incentives.stated_as,
    incentives.source_url,
    incentives.source_kind
from incentives
left join bases on incentives.base = bases.base
left join conditions_reviewed on incentives.conditions = conditions_reviewed.conditions
