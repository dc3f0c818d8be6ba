with source as (
    select * from {{ source('staging', 'exports_quarterly') }}
    where _known_to is null
)

select
    fiscal_year as fy_label,
    quarter,
    sector,
    measure,
    value as value_stated,
    status,
    published_on,
    publisher,
    source_url,
    stated_as,
    status_basis,
    published_on_approx,
    note,
    _load_id,
    _line,
    _known_from
from source
