with products as (
    select
        *,
        {{ published_from() }} as published_from
    from {{ ref('stg_srijan_deep_vendor_products') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
),

ranked as (
    select
        identities.vendor_id,
        products.technology_domain,
        products.source_url,
        row_number() over (
            partition by identities.vendor_id, products.technology_domain
            order by products.published_from desc nulls last, products.product_id asc
        ) as preference,
        count(*) over (
            partition by identities.vendor_id, products.technology_domain
        ) as products
    from products
    inner join identities on products.canonical_name = identities.canonical_name
)

select
    vendor_id,
    technology_domain,
    products,
    {{ source_document_id() }} as source_document_id
from ranked
where preference = 1
