{# How the columns of an enforced contract become a table. #}

{# Columns with types and `not null`; the keys follow in add_keys(). #}
{% macro postgres__get_table_columns_and_constraints() %}
    (
    {%- for column in model.columns.values() %}
        {{ column.name }} {{ column.data_type }}
        {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list %} not null
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
    )
{% endmacro %}

{#
    An empty select with the contract's types, to compare the model with. dbt's own warns of every
    numeric without precision; in Postgres that is exact and never rounds.
#}
{% macro postgres__get_empty_schema_sql(columns) %}
    {%- set untyped = columns.values() | rejectattr('data_type') | map(attribute='name') | list -%}
    {%- if untyped -%}
        {{ exceptions.column_type_missing(column_names=untyped) }}
    {%- endif %}
    select
    {%- for column in columns.values() %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}
