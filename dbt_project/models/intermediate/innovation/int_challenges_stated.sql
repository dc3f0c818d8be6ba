with listed as (
    select
        challenge_id,
        programme,
        edition,
        true as is_idex,
        true as is_described,
        launched_on_stated,
        problem_statements,
        winners_count,
        applications,
        budget_crore,
        note,
        source_url,
        {{ published_from() }} as published_from
    from {{ ref('stg_idex_challenges') }}
),

winners as (
    select * from {{ ref('stg_idex_winners') }}
),

names as (
    select * from {{ ref('challenge_names_reviewed') }}
    where programme is not null
),

won_only as (
    select
        names.challenge_id,
        names.programme,
        names.edition,
        names.is_idex,
        winners.source_url,
        min({{ published_from('winners.published_on', 'winners.published_on_approx') }})
            as published_from
    from winners
    inner join names on winners.challenge = names.challenge_name
    group by
        names.challenge_id, names.programme, names.edition, names.is_idex, winners.source_url
)

select
    challenge_id,
    programme,
    edition,
    is_idex,
    is_described,
    launched_on_stated,
    {{ partial_date_from('launched_on_stated') }} as launched_from,
    {{ partial_date_to('launched_on_stated') }} as launched_to,
    problem_statements,
    winners_count,
    applications,
    budget_crore,
    note,
    source_url,
    published_from
from listed
union all
select
    challenge_id,
    programme,
    edition,
    is_idex,
    false as is_described,
    cast(null as {{ dbt.type_string() }}) as launched_on_stated,
    cast(null as date) as launched_from,
    cast(null as date) as launched_to,
    null as problem_statements,
    null as winners_count,
    null as applications,
    null as budget_crore,
    cast(null as {{ dbt.type_string() }}) as note,
    source_url,
    published_from
from won_only
