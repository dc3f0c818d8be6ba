with source as (
    select * from {{ source('staging', 'technology_transfers') }}
    where _known_to is null
)

select
    technology,
    lab,
    licensee_vendor,
    date as transferred_on_stated,
    technology_domain,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
