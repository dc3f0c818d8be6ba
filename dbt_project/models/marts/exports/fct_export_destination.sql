with destinations as (
    select * from {{ ref('stg_export_destinations') }}
),

valued as (
    select
        *,
        value_stated * case unit
            when 'unit' then 1
            when 'lakh' then 100000
            when 'million' then 1000000
            when 'crore' then 10000000
            when 'billion' then 1000000000
        end as value
    from destinations
)

select
    {{ stable_id(['iso3', 'item_exported', 'period_label', 'source_url']) }}
        as destination_statement_id,
    iso3 as destination_iso3,
    item_exported,
    exporter as exporter_name,
    case
        when status ~ '^(authorised|NOC granted)' then 'authorised'
        when status ~ '^(contract|order|order book)' then 'ordered'
        when status ~ '^under construction' then 'in_production'
        when status ~ '^(dispatched|delivered|exported)' then 'delivered'
        when status ~ '^reported' then 'reported'
    end as stage,
    status,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    case when currency = 'INR' then value end as value_inr,
    case when currency = 'USD' then value end as value_usd,
    case when currency = 'EUR' then value end as value_eur,
    coalesce(note ~ '\mCONFLICT\M', false) as is_doubtful,
    note,
    {{ source_document_id() }} as source_document_id
from valued
