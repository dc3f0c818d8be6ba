with statements as (
    select * from {{ ref('int_vendor_statements_ranked') }}
)

select
    {{ stable_id(['registration_id', 'attribute', 'value']) }} as vendor_statement_id,
    vendor_id,
    registration_id,
    attribute,
    value,
    basis,
    preference = 1 as is_chosen,
    is_contradicted,
    {{ source_document_id() }} as source_document_id
from statements
