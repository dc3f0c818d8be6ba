with exporters as (
    select * from {{ ref('int_export_deal_exporters_united') }}
)

select
    deal_exporter_id,
    deal_id,
    vendor_id,
    exporter_name,
    place,
    statement_count
from exporters
