with policies as (
    select * from {{ ref('stg_policies') }}
),

chained as (
    select * from {{ ref('int_policies_chained') }}
),

dated as (
    select * from {{ ref('int_policies_dated') }}
)

select
    policies.policy_id,
    policies.state_code,
    policies.title,
    policies.version,
    policies.sector_scope,
    policies.status,
    chained.is_amendment,
    chained.lineage,
    chained.version_number,
    policies.supersedes as supersedes_policy_id,
    chained.superseded_by_policy_id,
    dated.valid_from,
    dated.valid_from_basis,
    dated.valid_from_precision,
    dated.valid_to,
    dated.valid_to_basis,
    dated.valid_to_basis in ('successor', 'year_end', 'parent_policy', 'application_deadline')
        as is_valid_to_derived,
    dated.rival_valid_to,
    dated.term_to,
    dated.enacted_on,
    dated.last_draft_on,
    dated.is_backdated,
    policies.approved_on,
    policies.notified_on,
    policies.effective_from,
    policies.effective_to,
    policies.validity_years,
    policies.nodal_agency,
    {{ crore_to_inr('policies.target_investment_crore') }} as target_investment_inr,
    policies.target_investment_usd_million * 1000000 as target_investment_usd,
    policies.target_jobs,
    policies.note,
    policies.stated_as,
    policies.source_kind,
    {{ source_document_id('policies.source_url') }} as source_document_id
from policies
inner join chained on policies.policy_id = chained.policy_id
left join dated on policies.policy_id = dated.policy_id
