{#
    Every reviewed decision still meets something it decides about: a value of this column is
    found in `field` of `to`. While `to` has no row at all there is nothing to decide about.
#}
{% test still_applies(model, column_name, to, field) %}
select decided.{{ column_name }}
from {{ model }} as decided
where
    decided.{{ column_name }} is not null
    and exists (select 1 from {{ to }})
    and not exists (
        select 1
        from {{ to }} as met
        where met.{{ field }} = decided.{{ column_name }}
    )
{% endtest %}
