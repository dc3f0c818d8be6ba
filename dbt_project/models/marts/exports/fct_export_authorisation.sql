{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="fail",
        pre_hook="{{ delete_outdated(ref('stg_exim_export_authorisations'), 'authorisation_id') }}",
    )
}}

with authorisations as (
    select * from {{ ref('stg_exim_export_authorisations') }} as staged
    where {{ is_not_kept('staged', 'authorisation_id') }}
)

select
    authorisation_id,
    issued_on,
    valid_until,
    {{ fy_start_of('issued_on') }} as fy_start_date,
    {{ fy_label_of('issued_on') }} as fy_label,
    exporter_name,
    exporter_type,
    destination_iso3,
    munitions_category,
    scomet_code,
    hs_code,
    item_description,
    quantity,
    quantity_unit,
    cast(value_inr as numeric) as value_inr,
    status,
    updated_at,
    is_sample,
    _load_id as load_id,
    {{ contract_document_id('exim_export_authorisations') }} as source_document_id
from authorisations
