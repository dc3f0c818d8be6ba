with source as (
    select * from {{ source('staging', 'press_releases') }}
    where _known_to is null
)

select
    release_id,
    title,
    link,
    published_at,
    ministry,
    summary,
    body,
    _load_id,
    _line,
    _known_from
from source
