with source as (
    select * from {{ source('staging', 'export_control_rules') }}
    where _known_to is null
)

select
    rule_id,
    subject,
    rule,
    effective_or_stated_on,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
