{#
    The versions of a source's rows, each with what it changed: new (the first of its key), changed
    (with the columns that differ), or returned (after the key was gone for a time). `columns` are
    compared; a version that differs in none of them has changed elsewhere.
#}
{% macro versions_compared(versions, key, columns) -%}
select
    versions.*,
    case
        when row_number() over key_versions = 1 then 'new'
        when (lag(_known_to) over key_versions) < _known_from then 'returned'
        else 'changed'
    end as change,
    case
        when row_number() over key_versions > 1
            then nullif(
                concat_ws(
                    ', ',
                    {%- for column in columns %}
                    case
                        when {{ column }} is distinct from (lag({{ column }}) over key_versions)
                            then '{{ column }}'
                    end{{ ',' if not loop.last }}
                    {%- endfor %}
                ),
                ''
            )
    end as changed_columns,
    coalesce(
        (lead(_known_from) over key_versions) <> _known_to,
        _known_to is not null
    ) as is_withdrawn
from {{ versions }} as versions
window key_versions as (
    partition by {{ key | join(', ') }}
    order by _known_from
)
{%- endmacro %}
