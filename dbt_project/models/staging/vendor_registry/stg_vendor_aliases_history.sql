with source as (
    select * from {{ source('staging', 'vendor_aliases') }}
)

select
    canonical_name,
    alias,
    where_seen,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from,
    _known_to
from source
