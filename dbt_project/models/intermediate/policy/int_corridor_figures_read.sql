with stated as (
    select * from {{ ref('int_corridor_figures_stated') }}
),

measures as (
    select * from {{ ref('corridor_measures_conformed') }}
),

notes as (
    select * from {{ ref('corridor_notes_reviewed') }}
),

reviewed as (
    select * from {{ ref('corridor_figures_reviewed') }}
)

select
    stated.source_name,
    case
        when stated.node is not null then 'node'
        when stated.corridor = 'BOTH' then 'both_corridors'
        else 'corridor'
    end as place_level,
    nullif(stated.corridor, 'BOTH') as corridor,
    stated.node,
    measures.measure,
    coalesce(reviewed.figure_kind, notes.figure_kind, measures.figure_kind) as figure_kind,
    measures.part,
    coalesce(notes.is_flow, false) as is_flow,
    case
        when measures.figure_kind = 'target' then stated.published_on
        else stated.as_of_on
    end as as_of_on,
    case when measures.figure_kind = 'target' then stated.as_of_on end as due_on,
    case stated.stated_unit
        when 'INR crore' then {{ crore_to_inr('stated.value_stated') }}
        when 'acres' then round({{ acres_to_hectares('stated.value_stated') }}, 4)
        else stated.value_stated
    end as figure,
    case stated.stated_unit
        when 'INR crore' then 'INR'
        when 'acres' then 'hectares'
        else stated.stated_unit
    end as unit,
    stated.value_stated,
    stated.stated_unit,
    reviewed.conflict,
    stated.note is null
    or stated.source_name <> 'corridor_investment'
    or notes.note is not null as is_note_read,
    stated.stated_as,
    stated.note,
    stated.source_url,
    stated.source_kind
from stated
left join measures
    on
        stated.source_name = measures.source_name
        and stated.stated_measure = measures.stated_measure
        and case when stated.node is null then 'corridor' else 'node' end = measures.place_level
left join notes
    on
        stated.note = notes.note
        and stated.source_name = 'corridor_investment'
left join reviewed
    on
        stated.source_name = reviewed.source_name
        and stated.corridor = reviewed.corridor
        and stated.node is not distinct from reviewed.node
        and stated.stated_measure = reviewed.stated_measure
        and stated.as_of_on is not distinct from reviewed.as_of_on
        and stated.source_url = reviewed.source_url
