with source as (
    select * from {{ source('staging', 'corridor_units') }}
    where _known_to is null
)

select
    unit_row_id,
    company,
    corridor,
    node,
    land_ha as land_hectares,
    land_acres,
    investment_crore,
    product,
    unit_status,
    as_of_date as as_of_on,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
