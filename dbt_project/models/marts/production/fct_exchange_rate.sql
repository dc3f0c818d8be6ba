with rates as (
    select * from {{ ref('stg_world_bank_exchange_rate') }}
)

select
    calendar_year,
    inr_per_usd,
    {{ contract_document_id('world_bank_exchange_rate') }} as source_document_id
from rates
where inr_per_usd is not null
