with names as (
    select * from {{ ref('int_vendor_names_linked') }}
)

select
    {{ stable_id(['source_name', 'role', 'vendor_name', 'source_url']) }} as vendor_alias_id,
    vendor_id,
    vendor_name,
    normalised_name,
    source_name,
    role,
    link_method,
    candidates,
    rows_naming,
    {{ source_document_id() }} as source_document_id
from names
