with figures as (
    select * from {{ ref('int_corridor_figures_united') }}
    where measure <> 'investment'
)

select
    {{ stable_id([
        'place_level', 'corridor', 'node', 'measure', 'figure_kind', 'part', 'is_flow', 'as_of_on',
        'source_url',
    ]) }} as corridor_statistic_id,
    place_level,
    corridor,
    node,
    measure,
    figure_kind,
    part,
    is_flow,
    as_of_on,
    next_as_of_on,
    figure,
    unit,
    value_stated,
    stated_unit,
    conflict,
    is_note_read,
    stated_as,
    note,
    source_kind,
    {{ source_document_id() }} as source_document_id
from figures
