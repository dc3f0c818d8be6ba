with source as (
    select * from {{ source('staging', 'exim_export_authorisations') }}
    where _known_to is null
)

select
    authorisation_id,
    exporter_name,
    exporter_type,
    destination_country,
    destination_iso3,
    munitions_category,
    scomet_code,
    item_description,
    hs_code,
    quantity,
    quantity_unit,
    value_inr,
    issued_on,
    valid_until,
    status,
    updated_at,
    is_sample,
    _load_id,
    _line,
    _known_from
from source
