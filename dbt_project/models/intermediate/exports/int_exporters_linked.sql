with destinations as (
    select * from {{ ref('stg_export_destinations') }}
),

vendor_names as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'export_destinations' and role = 'exporter'
),

cells as (
    select
        exporter,
        source_url
    from destinations
    where exporter is not null
    group by exporter, source_url
),

names as (
    select
        cells.exporter,
        cells.source_url,
        trim(parts.name) as exporter_name,
        row_number() over (
            partition by cells.exporter, cells.source_url
            order by position(parts.name in cells.exporter)
        ) as place
    from cells
    cross join {{ names_in('cells.exporter') }} as parts (name)
)

select
    names.exporter,
    names.source_url,
    cast(names.place as integer) as place,
    names.exporter_name,
    vendor_names.vendor_id
from names
left join vendor_names
    on
        names.exporter_name = vendor_names.vendor_name
        and names.source_url = vendor_names.source_url
