with source as (
    select * from {{ source('staging', 'srijan_stats') }}
    where _known_to is null
)

select
    as_of_date as as_of_on,
    indicator,
    value as value_stated,
    qualifier,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
