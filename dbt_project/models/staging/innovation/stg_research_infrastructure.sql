with source as (
    select * from {{ source('staging', 'research_infrastructure') }}
    where _known_to is null
)

select
    facility,
    host_institution,
    city,
    state_code,
    facility_type,
    field,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
