with source as (
    select * from {{ source('staging', 'dpsu_turnover') }}
    where _known_to is null
)

select
    dpsu,
    fiscal_year as period_label,
    measure,
    value_crore as value_stated,
    status,
    published_on,
    publisher,
    source_url,
    stated_as,
    unit,
    status_basis,
    published_on_approx,
    note,
    _load_id,
    _line,
    _known_from
from source
