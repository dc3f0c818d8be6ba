{{ config(materialized="table") }}

with statements as (
    select * from {{ ref('int_statements_placed') }}
),

-- Within a vintage: its first statement, its finest, and the first that tells the status.
ranked as (
    select
        *,
        row_number() over (partition by vintage_id order by place) as by_time,
        row_number() over (partition by vintage_id order by step, place) as by_step,
        row_number() over (
            partition by vintage_id
            order by case when status = 'not_stated' then 1 else 0 end, place
        ) as by_status
    from statements
    where vintage_id is not null
),

vintages as (
    select
        vintage_id,
        figure_id,
        series,
        period_label,
        sector,
        measure,
        scope,
        unit,
        vintage_number,
        vintage_known_from as known_from,
        vintage_known_to as known_to,
        max(case when by_step = 1 then value end) as value,
        max(case when by_step = 1 then half_unit end) as half_unit,
        max(case when by_step = 1 then known_on end) as value_known_from,
        max(case when by_step = 1 then stated_as end) as stated_as,
        max(case when by_step = 1 then source_url end) as value_source_url,
        max(case when by_time = 1 then stated_as end) as first_stated_as,
        max(case when by_time = 1 then source_url end) as first_source_url,
        max(case when by_status = 1 then status end) as status,
        count(*) as statement_count,
        case when count(doubt) = count(*) then min(doubt) end as doubt
    from ranked
    group by
        vintage_id,
        figure_id,
        series,
        period_label,
        sector,
        measure,
        scope,
        unit,
        vintage_number,
        vintage_known_from,
        vintage_known_to
),

contradictions as (
    select
        vintages.vintage_id,
        count(*) as contradicting_statement_count
    from vintages
    inner join statements
        on
            vintages.figure_id = statements.figure_id
            and vintages.known_from <= statements.known_on
            and (vintages.known_to is null or vintages.known_to > statements.known_on)
    where statements.role = 'contradicted'
    group by vintages.vintage_id
)

select
    vintages.vintage_id,
    vintages.figure_id,
    vintages.series,
    vintages.period_label,
    vintages.sector,
    vintages.measure,
    vintages.scope,
    vintages.unit,
    vintages.vintage_number,
    vintages.known_from,
    vintages.known_to,
    vintages.value,
    vintages.half_unit,
    vintages.value_known_from,
    vintages.stated_as,
    vintages.value_source_url,
    vintages.first_stated_as,
    vintages.first_source_url,
    vintages.status,
    vintages.statement_count,
    coalesce(contradictions.contradicting_statement_count, 0) as contradicting_statement_count,
    vintages.doubt is not null as is_doubtful,
    vintages.doubt
from vintages
left join contradictions on vintages.vintage_id = contradictions.vintage_id
