with source as (
    select
        meeting_no,
        event_id,
        meeting_type,
        registration_no,
        counterpart,
        counterpart_registration_no,
        meeting_date,
        slot,
        agenda,
        outcome,
        is_sample,
        _load_id,
        _line,
        _known_from
    from {{ source('staging', 'partnership_day_meetings') }}
    where _known_to is null
)

select
    meeting_no,
    event_id,
    meeting_type,
    registration_no,
    counterpart,
    counterpart_registration_no,
    meeting_date as meeting_on,
    slot,
    agenda,
    outcome,
    is_sample,
    _load_id,
    _line,
    _known_from
from source
