with destinations as (
    select * from {{ ref('int_export_destinations_read') }}
    where not is_deal
),

lead_exporters as (
    select * from {{ ref('int_exporters_linked') }}
    where place = 1
)

select
    destinations.statement_id as destination_statement_id,
    destinations.destination_iso3,
    destinations.item_exported,
    destinations.exporter as exporter_name,
    lead_exporters.vendor_id,
    destinations.stage,
    destinations.status,
    destinations.period_from,
    destinations.period_to,
    case when destinations.currency = 'INR' then destinations.value end as value_inr,
    case when destinations.currency = 'USD' then destinations.value end as value_usd,
    case when destinations.currency = 'EUR' then destinations.value end as value_eur,
    case when destinations.currency = 'TIV' then destinations.value end as trend_indicator_value,
    destinations.is_doubtful,
    destinations.note,
    {{ source_document_id('destinations.source_url') }} as source_document_id
from destinations
left join lead_exporters
    on
        destinations.exporter = lead_exporters.exporter
        and destinations.source_url = lead_exporters.source_url
