with source as (
    select * from {{ source('staging', 'idex_winners') }}
    where _known_to is null
)

select
    challenge,
    problem_statement,
    winner_vendor,
    service,
    technology_domain,
    date as won_on,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
