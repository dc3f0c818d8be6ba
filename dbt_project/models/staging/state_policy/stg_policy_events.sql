with source as (
    select * from {{ source('staging', 'policy_events') }}
    where _known_to is null
)

select
    event_id,
    state_code,
    event_date as event_on,
    event_type,
    title,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
