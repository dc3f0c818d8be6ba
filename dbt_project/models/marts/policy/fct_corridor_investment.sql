with figures as (
    select * from {{ ref('int_corridor_figures_united') }}
    where measure = 'investment'
)

select
    {{ stable_id([
        'place_level', 'corridor', 'node', 'figure_kind', 'part', 'is_flow', 'as_of_on', 'due_on',
        'source_url',
    ]) }} as corridor_investment_id,
    place_level,
    corridor,
    node,
    figure_kind as investment_kind,
    part,
    is_flow,
    as_of_on,
    next_as_of_on,
    due_on,
    figure as amount_inr,
    conflict,
    is_note_read,
    stated_as,
    note,
    source_kind,
    {{ source_document_id() }} as source_document_id
from figures
