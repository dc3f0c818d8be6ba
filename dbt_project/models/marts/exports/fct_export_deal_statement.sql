with statements as (
    select * from {{ ref('int_export_deals_stated') }}
),

lead_exporters as (
    select * from {{ ref('int_exporters_linked') }}
    where place = 1
)

select
    statements.deal_statement_id,
    statements.deal_id,
    statements.destination_iso3,
    statements.item_exported,
    statements.exporter as exporter_name,
    lead_exporters.vendor_id,
    statements.stage,
    statements.status,
    statements.delivered_on,
    statements.period_from,
    statements.period_to,
    case when statements.currency = 'INR' then statements.value end as value_inr,
    case when statements.currency = 'USD' then statements.value end as value_usd,
    case when statements.currency = 'EUR' then statements.value end as value_eur,
    case when statements.currency = 'TIV' then statements.value end as trend_indicator_value,
    statements.value_role,
    statements.doubt is not null as is_doubtful,
    statements.doubt,
    statements.note,
    statements.known_on,
    {{ source_document_id('statements.source_url') }} as source_document_id
from statements
left join lead_exporters
    on
        statements.exporter = lead_exporters.exporter
        and statements.source_url = lead_exporters.source_url
