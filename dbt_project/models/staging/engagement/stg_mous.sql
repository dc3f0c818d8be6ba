with source as (
    select * from {{ source('staging', 'mous') }}
    where _known_to is null
)

select
    party_a,
    party_b,
    date as signed_on_stated,
    event_id,
    subject,
    value_crore,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
