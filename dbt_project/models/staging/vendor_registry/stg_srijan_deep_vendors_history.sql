with source as (
    select * from {{ source('staging', 'srijan_deep_vendors') }}
)

select
    registration_id,
    vendor_name,
    canonical_name,
    vendor_type,
    founded_year,
    website,
    cin,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from,
    _known_to
from source
