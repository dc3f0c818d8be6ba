with source as (
    select * from {{ source('staging', 'srijan_deep_vendor_locations') }}
)

select
    registration_id,
    city,
    state_code,
    basis,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from,
    _known_to
from source
