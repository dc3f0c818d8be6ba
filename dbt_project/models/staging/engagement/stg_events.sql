with source as (
    select * from {{ source('staging', 'events') }}
    where _known_to is null
)

select
    event_id,
    name,
    organiser,
    start_date as starts_on_stated,
    end_date as ends_on_stated,
    venue,
    city,
    state_code,
    event_type,
    participants_count_stated,
    officers_count_stated,
    topics,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
