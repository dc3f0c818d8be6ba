with source as (
    select * from {{ source('staging', 'idex_challenges') }}
    where _known_to is null
)

select
    challenge_id,
    programme,
    edition,
    launched_on as launched_on_stated,
    problem_statements,
    winners_count,
    applications,
    budget as budget_crore,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
