with source as (
    select * from {{ source('staging', 'tdf_projects') }}
    where _known_to is null
)

select
    project,
    awardee,
    sanctioned_on,
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
