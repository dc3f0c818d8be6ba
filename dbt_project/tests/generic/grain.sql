{#
    No two rows share the columns that make a row what it is; nulls count as equal.
    For models in prep and for seeds: a mart says it by its keys.
#}
{% test grain(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_sharing_it
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
