with statements as (
    select * from {{ ref('int_challenges_stated') }}
),

names as (
    select
        challenge_id,
        {{ dbt.listagg('challenge_name', "'; '", 'order by challenge_name') }} as also_called
    from {{ ref('challenge_names_reviewed') }}
    group by challenge_id
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

placed as (
    select
        *,
        row_number() over (
            partition by challenge_id
            order by
                case when is_described then 0 else 1 end,
                published_from nulls last,
                source_url
        ) as place,
        row_number() over (
            partition by challenge_id
            order by launched_to - launched_from nulls last, published_from nulls last, source_url
        ) as launch_place,
        row_number() over (
            partition by challenge_id
            order by
                case when problem_statements is null then 1 else 0 end,
                published_from nulls last,
                source_url
        ) as problem_place
    from statements
),

challenges as (
    select
        challenge_id,
        max(case when place = 1 then programme end) as programme,
        max(case when place = 1 then edition end) as edition,
        max(case when is_idex then 1 else 0 end) = 1 as is_idex,
        max(case when launch_place = 1 then launched_from end) as launched_from,
        max(case when launch_place = 1 then launched_to end) as launched_to,
        max(case when problem_place = 1 then problem_statements end) as problem_statements,
        count(distinct problem_statements) > 1 as is_problem_count_disputed,
        max(winners_count) as winners_count,
        max(applications) as applications,
        max(budget_crore) as budget_crore,
        count(*) as statements,
        max(case when place = 1 then source_url end) as source_url
    from placed
    group by challenge_id
)

select
    challenges.challenge_id,
    challenges.programme,
    challenges.edition,
    names.also_called,
    challenges.edition is not null or challenges.problem_statements is not null as is_round,
    challenges.is_idex,
    challenges.launched_from,
    challenges.launched_to,
    years.fy_start_date,
    years.fy_label,
    challenges.problem_statements,
    challenges.is_problem_count_disputed,
    challenges.applications,
    challenges.winners_count,
    {{ crore_to_inr('challenges.budget_crore') }} as budget_inr,
    challenges.statements,
    {{ source_document_id('challenges.source_url') }} as source_document_id
from challenges
left join names on challenges.challenge_id = names.challenge_id
left join years
    on
        challenges.launched_from >= years.fy_start_date
        and challenges.launched_to <= years.fy_end_date
