with source as (
    select * from {{ source('staging', 'srijan_deep_vendor_products') }}
    where _known_to is null
)

select
    product_id,
    registration_id,
    canonical_name,
    product,
    product_category,
    technology_domain,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
