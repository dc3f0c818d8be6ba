with source as (
    select
        registration_no,
        event_id,
        company_name,
        company_type,
        city,
        state_code,
        registered_on,
        products_of_interest,
        is_sample,
        _load_id,
        _line,
        _known_from
    from {{ source('staging', 'partnership_day_registrations') }}
    where _known_to is null
)

select
    registration_no,
    event_id,
    company_name,
    company_type,
    city,
    state_code,
    registered_on,
    products_of_interest,
    is_sample,
    _load_id,
    _line,
    _known_from
from source
