with source as (
    select * from {{ source('staging', 'industry_indicators') }}
    where _known_to is null
)

select
    as_of_date as period_label,
    indicator,
    value as value_stated,
    unit,
    published_on,
    publisher,
    source_url,
    stated_as,
    published_on_approx,
    note,
    _load_id,
    _line,
    _known_from
from source
