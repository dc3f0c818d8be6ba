with events as (
    select * from {{ ref('stg_policy_events') }}
),

policies as (
    select * from {{ ref('stg_policies') }}
),

turning_days as (
    select
        policy_id,
        state_code,
        approved_on as turning_on
    from policies
    union
    select
        policy_id,
        state_code,
        notified_on
    from policies
    union
    select
        policy_id,
        state_code,
        effective_from
    from policies
),

only_policies as (
    select
        state_code,
        turning_on,
        min(policy_id) as policy_id
    from turning_days
    where turning_on is not null
    group by state_code, turning_on
    having count(*) = 1
)

select
    events.state_code,
    events.event_on,
    events.event_type,
    events.title,
    only_policies.policy_id,
    events.stated_as,
    events.source_url,
    events.source_kind
from events
left join only_policies
    on
        events.state_code = only_policies.state_code
        and events.event_on = only_policies.turning_on
        and events.event_type in (
            'draft_release', 'cabinet_approval', 'notification', 'amendment', 'launch'
        )
