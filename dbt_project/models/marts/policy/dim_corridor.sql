with corridors as (
    select * from {{ ref('stg_corridors') }}
)

select
    corridor,
    name as corridor_name,
    state_code,
    nodal_agency,
    node_count,
    launched_on,
    as_of_on as confirmed_on,
    stated_as,
    source_kind,
    {{ source_document_id() }} as source_document_id
from corridors
