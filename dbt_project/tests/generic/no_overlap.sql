{#
    For each key, half-open ranges never cover the same moment twice and none is empty, so that
    "as on a day" finds at most one row. A null start reaches back, a null end forward, for ever.
#}
{% test no_overlap(model, key, valid_from, valid_to) %}
with ranges as (
    select
        {{ key | join(', ') }},
        {{ valid_from }} as range_from,
        {{ valid_to }} as range_to,
        lead({{ valid_from }}) over following as next_from,
        lead(1) over following as has_next
    from {{ model }}
    window following as (
        partition by {{ key | join(', ') }}
        order by {{ valid_from }} nulls first, {{ valid_to }} nulls last
    )
)

select *
from ranges
where
    range_to <= range_from
    or (has_next = 1 and (range_to is null or next_from is null or range_to > next_from))
{% endtest %}
