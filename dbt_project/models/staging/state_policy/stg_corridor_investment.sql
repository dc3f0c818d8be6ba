with source as (
    select * from {{ source('staging', 'corridor_investment') }}
    where _known_to is null
)

select
    obs_id,
    corridor,
    as_of_date as as_of_on,
    measure,
    value as value_stated,
    stated_as,
    note,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
