with source as (
    select * from {{ source('staging', 'partnership_day_options') }}
    where _known_to is null
)

select
    option_no,
    event_id,
    registration_no,
    option_kind,
    package,
    amount_inr,
    booked_on,
    is_sample,
    _load_id,
    _line,
    _known_from
from source
