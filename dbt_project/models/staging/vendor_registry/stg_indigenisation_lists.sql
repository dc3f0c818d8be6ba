with source as (
    select * from {{ source('staging', 'indigenisation_lists') }}
    where _known_to is null
)

select
    list_name,
    issuer,
    notified_on as notified_on_stated,
    item_count,
    deadline,
    import_substitution_crore,
    items_indigenised_stated,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
