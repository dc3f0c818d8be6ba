{{ config(materialized="table") }}

with statements as (
    select * from {{ ref('int_statements_classified') }}
),

grouped as (
    select * from {{ ref('int_statements_grouped') }}
),

turns as (
    select
        figure_id,
        turn,
        min(known_on) as turned_on,
        sum(case when is_dated then 1 else 0 end) as statements_since
    from grouped
    where turn is not null
    group by figure_id, turn
),

contests as (
    select
        turns.figure_id,
        turns.turn,
        turns.turned_on,
        turns.statements_since,
        count(older.statement_id) as older_since
    from turns
    left join grouped as older
        on
            turns.figure_id = older.figure_id
            and turns.turn > older.turn
            and turns.turned_on < older.known_on
            and older.is_dated
    group by turns.figure_id, turns.turn, turns.turned_on, turns.statements_since
),

-- A turn is taken up unless the pages since then went on, more often, with what stood before it;
-- of the turns of one day it is the one that most pages state.
verdicts as (
    select
        figure_id,
        turn,
        turned_on,
        older_since <= statements_since
        and row_number() over (
            partition by figure_id, turned_on
            order by statements_since desc, turn asc
        ) = 1 as is_taken_up
    from contests
),

vintages as (
    select
        figure_id,
        turn,
        turned_on,
        cast(row_number() over by_time as integer) as vintage_number,
        lead(turned_on) over by_time as superseded_on
    from verdicts
    where is_taken_up
    window by_time as (partition by figure_id order by turned_on)
)

select
    statements.statement_id,
    statements.figure_id,
    statements.series,
    statements.period_label,
    statements.sector,
    statements.measure,
    statements.scope,
    statements.kind,
    case
        when statements.kind != 'figure' then 'none'
        when vintages.turn is null then 'contradicted'
        when grouped.is_turn and vintages.vintage_number = 1 then 'first'
        when grouped.is_turn then 'revision'
        when grouped.known_on >= vintages.superseded_on then 'late_repeat'
        when grouped.is_news then 'refinement'
        else 'restatement'
    end as role,
    case
        when vintages.turn is not null
            then {{ stable_id(['statements.figure_id', 'vintages.turned_on']) }}
    end as vintage_id,
    vintages.vintage_number,
    vintages.turned_on as vintage_known_from,
    vintages.superseded_on as vintage_known_to,
    grouped.place,
    statements.unit,
    statements.value,
    statements.step,
    statements.half_unit,
    statements.stated_as,
    statements.status,
    statements.doubt,
    statements.note,
    statements.source_url,
    statements.known_on,
    statements.known_on_basis
from statements
left join grouped on statements.statement_id = grouped.statement_id
left join vintages
    on
        grouped.figure_id = vintages.figure_id
        and grouped.turn = vintages.turn
