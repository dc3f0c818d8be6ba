with items as (
    select * from {{ ref('stg_srijan_items') }}
),

lists as (
    select * from {{ ref('dim_indigenisation_list') }}
)

select
    {{ stable_id(['items.list_name', 'items.item_name']) }} as indigenisation_item_id,
    items.list_name,
    items.item_name,
    items.dpsu_or_service as needed_by,
    case
        when items.dpsu_or_service is not null then items.note is null
    end as is_needed_by_stated,
    case
        when items.indigenised_on is not null then 'indigenised'
        when items.interest_on is not null then 'interest'
        else 'listed'
    end as milestone,
    lists.notified_from as listed_from,
    lists.notified_to as listed_to,
    items.interest_on,
    items.indigenised_on,
    items.indigenise_by as import_ends_stated,
    {{ partial_date_from('items.indigenise_by') }} as import_ends_from,
    {{ partial_date_to('items.indigenise_by') }} as import_ends_to,
    coalesce({{ partial_date_to('items.indigenise_by') }}, lists.deadline_to) as deadline_to,
    case
        when items.indigenise_by is not null then 'item'
        when lists.deadline_to is not null then 'list'
    end as deadline_basis,
    items.note,
    items._known_from as known_from,
    {{ source_document_id('items.source_url') }} as source_document_id
from items
left join lists on items.list_name = lists.list_name
