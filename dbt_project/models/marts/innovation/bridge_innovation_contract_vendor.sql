with contractors as (
    select * from {{ ref('int_contract_vendors_linked') }}
)

select
    contract_id,
    vendor_name,
    vendor_id,
    {{ source_document_id() }} as source_document_id
from contractors
