with recursive policies as (
    select * from {{ ref('stg_policies') }}
),

chains as (
    select
        policy_id,
        policy_id as lineage,
        1 as version_number
    from policies
    where supersedes is null
    union all
    select
        policies.policy_id,
        chains.lineage,
        chains.version_number + 1 as version_number
    from policies
    inner join chains on policies.supersedes = chains.policy_id
)

select
    policies.policy_id,
    chains.lineage,
    chains.version_number,
    policies.status = 'draft' as is_draft,
    lower(policies.version) like '%amend%' as is_amendment,
    successors.policy_id as superseded_by_policy_id
from policies
left join chains on policies.policy_id = chains.policy_id
left join policies as successors on policies.policy_id = successors.supersedes
