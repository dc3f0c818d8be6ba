with source as (
    select * from {{ source('staging', 'exports_annual') }}
    where _known_to is null
)

select
    fiscal_year as period_label,
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
