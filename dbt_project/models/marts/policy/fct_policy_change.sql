with policies as (
    select * from {{ ref('dim_policy_history') }}
),

incentives as (
    select * from {{ ref('fct_policy_incentive_history') }}
),

versions as (
    select
        'policy' as subject,
        policy_id,
        cast(null as {{ dbt.type_string() }}) as policy_incentive_id,
        known_from,
        known_to,
        change,
        changed_columns,
        is_withdrawn,
        stated_as,
        source_document_id
    from policies
    union all
    select
        'incentive' as subject,
        policy_id,
        policy_incentive_id,
        known_from,
        known_to,
        change,
        changed_columns,
        is_withdrawn,
        stated_as,
        source_document_id
    from incentives
),

changes as (
    select
        subject,
        policy_id,
        policy_incentive_id,
        known_from as changed_at,
        change,
        changed_columns,
        stated_as,
        source_document_id
    from versions
    union all
    select
        subject,
        policy_id,
        policy_incentive_id,
        known_to as changed_at,
        'withdrawn' as change,
        cast(null as {{ dbt.type_string() }}) as changed_columns,
        stated_as,
        source_document_id
    from versions
    where is_withdrawn
)

select
    {{ stable_id([
        'subject', 'policy_id', 'policy_incentive_id', 'extract(epoch from changed_at)',
    ]) }} as policy_change_id,
    changed_at,
    subject,
    policy_id,
    policy_incentive_id,
    change,
    changed_columns,
    stated_as,
    source_document_id
from changes
