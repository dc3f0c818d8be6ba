with source as (
    select * from {{ source('staging', 'targets') }}
    where _known_to is null
)

select
    target_name,
    fiscal_year as fy_label,
    metric,
    value_crore,
    announced_on,
    source_url,
    published_on,
    publisher,
    stated_as,
    published_on_approx,
    note,
    _load_id,
    _line,
    _known_from
from source
