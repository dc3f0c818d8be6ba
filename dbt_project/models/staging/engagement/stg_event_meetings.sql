with source as (
    select * from {{ source('staging', 'event_meetings') }}
    where _known_to is null
)

select
    event_id,
    meeting_type,
    indicator,
    value as value_stated,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
