with granted as (
    select
        policy_id,
        incentive_type
    from {{ ref('int_policy_incentives_read') }}
    group by policy_id, incentive_type
),

chained as (
    select * from {{ ref('int_policies_chained') }}
),

dated as (
    select * from {{ ref('int_policies_dated') }}
),

later_versions as (
    select
        granted.policy_id,
        granted.incentive_type,
        later.policy_id as later_policy_id,
        later.version_number,
        later.is_amendment and granted_later.policy_id is null as leaves_it_alone
    from granted
    inner join dated on granted.policy_id = dated.policy_id
    inner join chained on granted.policy_id = chained.policy_id
    inner join chained as later
        on
            chained.lineage = later.lineage
            and chained.version_number < later.version_number
            and not later.is_draft
    left join granted as granted_later
        on
            later.policy_id = granted_later.policy_id
            and granted.incentive_type = granted_later.incentive_type
),

changed as (
    select
        policy_id,
        incentive_type,
        min(version_number) as version_number
    from later_versions
    where not leaves_it_alone
    group by policy_id, incentive_type
),

carried as (
    select
        later_versions.policy_id,
        later_versions.incentive_type,
        max(later_versions.version_number) as version_number
    from later_versions
    left join changed
        on
            later_versions.policy_id = changed.policy_id
            and later_versions.incentive_type = changed.incentive_type
    where
        changed.version_number is null
        or later_versions.version_number < changed.version_number
    group by later_versions.policy_id, later_versions.incentive_type
)

select
    carried.policy_id,
    carried.incentive_type,
    later_versions.later_policy_id as carried_by_policy_id,
    dated.valid_to as carried_to
from carried
inner join later_versions
    on
        carried.policy_id = later_versions.policy_id
        and carried.incentive_type = later_versions.incentive_type
        and carried.version_number = later_versions.version_number
inner join dated on later_versions.later_policy_id = dated.policy_id
