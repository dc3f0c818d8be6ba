with source as (
    select * from {{ source('staging', 'corridor_nodes') }}
    where _known_to is null
)

select
    node_row_id,
    corridor,
    node,
    state_code,
    district,
    land_hectares,
    land_acres,
    land_basis,
    companies,
    investment_crore,
    jobs,
    launched_on,
    as_of_date as as_of_on,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
