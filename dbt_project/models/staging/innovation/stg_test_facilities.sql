with source as (
    select * from {{ source('staging', 'test_facilities') }}
    where _known_to is null
)

select
    domain,
    location_city,
    state_code,
    corridor,
    cost_crore,
    lead_agency,
    consortium,
    status,
    status_date as status_on,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
