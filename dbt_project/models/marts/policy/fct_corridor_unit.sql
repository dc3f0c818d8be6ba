with units as (
    select * from {{ ref('stg_corridor_units') }}
),

stages as (
    select * from {{ ref('corridor_unit_stages') }}
),

names as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'corridor_units'
)

select
    {{ stable_id([
        'units.company', 'units.corridor', 'units.node', 'units.product', 'units.as_of_on',
        'units.source_url',
    ]) }} as corridor_unit_id,
    units.corridor,
    units.node,
    units.company,
    names.vendor_id,
    units.product,
    units.unit_status,
    stages.stage_number,
    stages.investment_kind,
    units.as_of_on,
    {{ crore_to_inr('units.investment_crore') }} as investment_inr,
    coalesce(units.land_hectares, round({{ acres_to_hectares('units.land_acres') }}, 4))
        as land_hectares,
    units.land_acres as land_acres_stated,
    units.stated_as,
    units.source_kind,
    {{ source_document_id('units.source_url') }} as source_document_id
from units
left join stages on units.unit_status = stages.unit_status
left join names
    on
        trim(units.company) = names.vendor_name
        and units.source_url = names.source_url
