with parties as (
    select * from {{ ref('int_memorandum_parties_linked') }}
)

select
    memorandum_id,
    party_name,
    vendor_id,
    {{ source_document_id() }} as source_document_id
from parties
