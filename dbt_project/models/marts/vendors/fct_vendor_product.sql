with products as (
    select * from {{ ref('stg_srijan_deep_vendor_products') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
)

select
    products.product_id,
    identities.vendor_id,
    products.registration_id,
    products.product as product_name,
    products.product_category,
    products.technology_domain,
    products._known_from as known_from,
    {{ source_document_id('products.source_url') }} as source_document_id
from products
inner join identities on products.canonical_name = identities.canonical_name
