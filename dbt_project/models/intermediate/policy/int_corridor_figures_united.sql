{{ config(materialized="table") }}

with figures as (
    select * from {{ ref('int_corridor_figures_read') }}
),

kept as (
    select figures.*
    from figures
    where not exists (
        select 1
        from figures as told_better
        where
            figures.source_name = 'corridor_stats'
            and told_better.source_name <> 'corridor_stats'
            and figures.source_url = told_better.source_url
            and figures.corridor is not distinct from told_better.corridor
            and figures.node is not distinct from told_better.node
            and figures.measure = told_better.measure
            and figures.figure_kind = told_better.figure_kind
            and figures.part is not distinct from told_better.part
            and figures.figure = told_better.figure
    )
),

days as (
    select
        place_level,
        corridor,
        node,
        measure,
        figure_kind,
        part,
        due_on,
        as_of_on,
        lead(as_of_on) over (
            partition by place_level, corridor, node, measure, figure_kind, part, due_on
            order by as_of_on
        ) as next_as_of_on
    from kept
    where as_of_on is not null and not is_flow
    group by place_level, corridor, node, measure, figure_kind, part, due_on, as_of_on
)

select
    kept.source_name,
    kept.place_level,
    kept.corridor,
    kept.node,
    kept.measure,
    kept.figure_kind,
    kept.part,
    kept.is_flow,
    kept.as_of_on,
    kept.due_on,
    kept.figure,
    kept.unit,
    kept.value_stated,
    kept.stated_unit,
    kept.conflict,
    kept.is_note_read,
    kept.stated_as,
    kept.note,
    kept.source_url,
    kept.source_kind,
    days.next_as_of_on
from kept
left join days
    on
        kept.place_level = days.place_level
        and kept.corridor is not distinct from days.corridor
        and kept.node is not distinct from days.node
        and kept.measure = days.measure
        and kept.figure_kind = days.figure_kind
        and kept.part is not distinct from days.part
        and kept.due_on is not distinct from days.due_on
        and kept.as_of_on = days.as_of_on
        and not kept.is_flow
