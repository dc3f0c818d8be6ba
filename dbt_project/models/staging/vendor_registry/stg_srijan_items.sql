with source as (
    select * from {{ source('staging', 'srijan_items') }}
    where _known_to is null
)

select
    item_name,
    list_name,
    dpsu_or_service,
    indigenise_by,
    interest_on,
    indigenised_on,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
