with statements as (
    select * from {{ ref('int_export_deals_stated') }}
),

exporters as (
    select * from {{ ref('int_exporters_linked') }}
),

-- A company is one exporter of the deal however the pages spell it.
named as (
    select
        statements.deal_id,
        exporters.vendor_id,
        exporters.exporter_name,
        exporters.place,
        statements.known_on,
        coalesce(exporters.vendor_id, exporters.exporter_name) as company
    from statements
    inner join exporters
        on
            statements.exporter = exporters.exporter
            and statements.source_url = exporters.source_url
)

select
    {{ stable_id(['deal_id', 'company']) }} as deal_exporter_id,
    deal_id,
    vendor_id,
    min(exporter_name) as exporter_name,
    cast(row_number() over (
        partition by deal_id
        order by min(place), min(known_on), company
    ) as integer) as place,
    count(*) as statement_count
from named
group by deal_id, vendor_id, company
