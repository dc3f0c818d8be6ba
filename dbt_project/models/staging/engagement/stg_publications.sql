with source as (
    select * from {{ source('staging', 'publications') }}
    where _known_to is null
)

select
    date as published_on,
    date_partial as published_on_approx,
    publisher,
    headline_topic,
    url as source_url,
    rows_citing,
    _load_id,
    _line,
    _known_from
from source
