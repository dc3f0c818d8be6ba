with source as (
    select * from {{ source('staging', 'export_destinations') }}
    where _known_to is null
)

select
    iso3,
    country,
    item_exported,
    exporter,
    year as period_label,
    value as value_stated,
    currency,
    unit,
    status,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
