with items as (
    select * from {{ ref('stg_srijan_items') }}
)

select
    {{ stable_id(['list_name', 'item_name']) }} as indigenisation_item_id,
    list_name,
    item_name,
    dpsu_or_service as needed_by,
    case when dpsu_or_service is not null then note is null end as is_needed_by_stated,
    indigenise_by as import_ends_stated,
    {{ partial_date_from('indigenise_by') }} as import_ends_from,
    {{ partial_date_to('indigenise_by') }} as import_ends_to,
    note,
    _known_from as known_from,
    {{ source_document_id() }} as source_document_id
from items
