{#
    Fiscal years, periods and partial dates as publications state them.

    Ranges are half-open. Null stays null; a text of none of the named shapes stops the build with
    a message that names it.
#}

{# The first day of the fiscal year (April to March) in which a day falls. #}
{% macro fy_start_of(day) %}
    {%- set calendar_year = dbt.date_trunc('year', dbt.dateadd('month', -3, day)) -%}
    cast({{ dbt.dateadd('month', 3, calendar_year) }} as date)
{%- endmacro %}

{# The label, 2024-25, of the fiscal year in which a day falls. #}
{% macro fy_label_of(day) %}
    {%- set text = dbt.type_string() -%}
    (
        substring(cast({{ dbt.dateadd('month', -3, day) }} as {{ text }}) from 1 for 4)
        || '-'
        || substring(cast({{ dbt.dateadd('month', 9, day) }} as {{ text }}) from 3 for 2)
    )
{%- endmacro %}

{# The first day of the fiscal year that a label names: 2024-25 · FY2024-25 · 2024-25 H1. #}
{% macro fy_start_date(label) %}
    {{- function('fy_start_date') }}({{ label }})
{%- endmacro %}

{# First day of a date, a month (2021-12) or a calendar year (2024). #}
{% macro partial_date_from(stated) %}
    {{- function('partial_date_from') }}({{ stated }})
{%- endmacro %}

{# Day after the last day of a date, a month (2021-12) or a calendar year (2024). #}
{% macro partial_date_to(stated) %}
    {{- function('partial_date_to') }}({{ stated }})
{%- endmacro %}

{# First day of a stated period; functions/periods.yml lists the shapes. #}
{% macro period_from(stated) %}
    {{- function('period_from') }}({{ stated }})
{%- endmacro %}

{# Day after the last day of a stated period. #}
{% macro period_to(stated) %}
    {{- function('period_to') }}({{ stated }})
{%- endmacro %}

{# First day on which a document may have been published; null when it states no date at all. #}
{% macro published_from(day='published_on', approx='published_on_approx') %}
    coalesce({{ day }}, {{ partial_date_from(approx) }})
{%- endmacro %}

{# Day after the last one on which a document may have been published. #}
{% macro published_to(day='published_on', approx='published_on_approx') %}
    coalesce(cast({{ dbt.dateadd('day', 1, day) }} as date), {{ partial_date_to(approx) }})
{%- endmacro %}
