{{ config(materialized="table") }}

with statements as (
    select * from {{ ref('int_statements_classified') }}
),

-- Statements of one figure in the order in which they became known; the finer first on one day,
-- pages without any date at the end.
ordered as (
    select
        statement_id,
        figure_id,
        known_on,
        step,
        lowest,
        highest,
        known_on_basis != 'first_seen' as is_dated,
        max(case when known_on_basis = 'first_seen' then 0 else 1 end) over (
            partition by figure_id
        ) = 1 as has_dated,
        row_number() over (
            partition by figure_id
            order by
                case when known_on_basis = 'first_seen' then 1 else 0 end,
                known_on,
                step,
                statement_id
        ) as place
    from statements
    where kind = 'figure'
),

-- Two statements agree when one true value can stand behind both.
agreements as (
    select
        later.statement_id,
        earlier.statement_id as earlier_id,
        earlier.step <= later.step as is_as_fine
    from ordered as later
    inner join ordered as earlier
        on
            later.figure_id = earlier.figure_id
            and later.place > earlier.place
            and later.lowest < earlier.highest
            and later.highest > earlier.lowest
),

-- A page without a date has no place in time: it tells nothing new while a dated one exists.
tellers as (
    select *
    from ordered
    where is_dated or not has_dated
),

-- New: nothing said before, and at least as finely, agrees.
first_news as (
    select *
    from tellers
    where
        not exists (
            select 1
            from agreements
            where
                agreements.statement_id = tellers.statement_id
                and agreements.is_as_fine
        )
),

-- New as well: what agrees only with statements that were themselves nothing new.
news as (
    select *
    from tellers
    where
        statement_id in (select first_news.statement_id from first_news)
        or not exists (
            select 1
            from agreements
            inner join first_news on agreements.earlier_id = first_news.statement_id
            where agreements.statement_id = tellers.statement_id
        )
),

-- News that agrees with the news before says the same more finely; other news is a turn.
turns as (
    select
        *,
        case
            when
                lowest < lag(highest) over by_place
                and highest > lag(lowest) over by_place
                then 0
            else 1
        end as is_turn
    from news
    window by_place as (partition by figure_id order by place)
),

told as (
    select
        *,
        sum(is_turn) over (partition by figure_id order by place) as turn
    from turns
),

-- Every statement belongs to the latest turn, up to then, with which it agrees.
belongings as (
    select
        ordered.statement_id,
        max(told.turn) as turn
    from ordered
    inner join told
        on
            ordered.figure_id = told.figure_id
            and ordered.place >= told.place
            and ordered.lowest < told.highest
            and ordered.highest > told.lowest
    group by ordered.statement_id
)

select
    ordered.statement_id,
    ordered.figure_id,
    ordered.place,
    ordered.known_on,
    ordered.is_dated,
    cast(belongings.turn as integer) as turn,
    coalesce(told.is_turn, 0) = 1 as is_turn,
    told.statement_id is not null as is_news
from ordered
left join belongings on ordered.statement_id = belongings.statement_id
left join told on ordered.statement_id = told.statement_id
