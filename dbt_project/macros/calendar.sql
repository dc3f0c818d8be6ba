{# Parts of a date that standard SQL has no word for. #}
{% macro month_name(day) %}{{ adapter.dispatch('month_name', 'utpadan')(day) }}{% endmacro %}
{% macro default__month_name(day) %}to_char({{ day }}, 'FMMonth'){% endmacro %}

{% macro day_name(day) %}{{ adapter.dispatch('day_name', 'utpadan')(day) }}{% endmacro %}
{% macro default__day_name(day) %}to_char({{ day }}, 'FMDay'){% endmacro %}

{# 1 is Monday, 7 is Sunday. #}
{% macro day_of_week(day) %}{{ adapter.dispatch('day_of_week', 'utpadan')(day) }}{% endmacro %}
{% macro default__day_of_week(day) %}extract(isodow from {{ day }}){% endmacro %}
