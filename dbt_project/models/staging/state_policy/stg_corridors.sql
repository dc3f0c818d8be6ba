with source as (
    select * from {{ source('staging', 'corridors') }}
    where _known_to is null
)

select
    corridor,
    name,
    state_code,
    nodal_agency,
    node_count,
    launched_on,
    as_of_date as as_of_on,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
