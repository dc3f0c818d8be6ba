{#
    Parts sum to their total within a tolerance, in the unit of the column. `total` and `parts`
    are columns, or aggregates when `group_by` is given. Where the total or a part is not stated
    there is nothing to compare.
#}
{% test sums_to(model, total, parts, tolerance=0, group_by=none) %}
with sums as (
    select
        {%- for column in group_by or [] %}
        {{ column }},
        {%- endfor %}
        {{ total }} as total,
        {{ parts | join(' + ') }} as sum_of_parts
    from {{ model }}
    {%- if group_by %}
    group by {{ group_by | join(', ') }}
    {%- endif %}
)

select *
from sums
where abs(total - sum_of_parts) > {{ tolerance }}
{% endtest %}
