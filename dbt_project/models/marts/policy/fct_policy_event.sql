with events as (
    select * from {{ ref('int_policy_events_matched') }}
)

select
    {{ stable_id(['state_code', 'event_on', 'event_type', 'title']) }} as policy_event_id,
    event_on,
    state_code,
    event_type,
    title,
    policy_id,
    stated_as,
    source_kind,
    {{ source_document_id() }} as source_document_id
from events
