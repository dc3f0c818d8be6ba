with statements as (
    select * from {{ ref('int_contracts_stated') }}
)

select
    {{ stable_id(['contract_id', 'source_url']) }} as contract_statement_id,
    contract_id,
    value_inr,
    value_qualifier,
    note,
    {{ source_document_id() }} as source_document_id
from statements
