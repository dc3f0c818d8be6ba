with source as (
    select * from {{ source('staging', 'budget') }}
    where _known_to is null
)

select
    fiscal_year as period_label,
    head,
    value_crore as value_stated,
    estimate_type,
    published_on,
    publisher,
    source_url,
    stated_as,
    unit,
    published_on_approx,
    note,
    _load_id,
    _line,
    _known_from
from source
