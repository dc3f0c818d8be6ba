{# The day in India on which a moment falls. #}
{% macro day_in_india(moment) %}
    {{- adapter.dispatch('day_in_india', 'utpadan')(moment) }}
{%- endmacro %}
{% macro default__day_in_india(moment) -%}
    cast({{ moment }} at time zone 'Asia/Kolkata' as date)
{%- endmacro %}

{# The moment at which it is that time (10:40) of that day in India. #}
{% macro moment_in_india(day, time) %}
    {{- adapter.dispatch('moment_in_india', 'utpadan')(day, time) }}
{%- endmacro %}
{% macro default__moment_in_india(day, time) -%}
    ({{ day }} + cast({{ time }} as time)) at time zone 'Asia/Kolkata'
{%- endmacro %}
