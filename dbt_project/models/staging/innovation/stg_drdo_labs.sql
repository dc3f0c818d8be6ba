with source as (
    select * from {{ source('staging', 'drdo_labs') }}
    where _known_to is null
)

select
    lab_name,
    acronym,
    city,
    state_code,
    cluster,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
