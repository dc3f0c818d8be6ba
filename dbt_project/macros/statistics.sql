{# What the planner knows of a table when it is published: the first reader needs it. #}
{% macro analyze_table() %}
    {{ adapter.dispatch('analyze_table', 'utpadan')() }}
{% endmacro %}

{% macro default__analyze_table() %}{% endmacro %}

{% macro postgres__analyze_table() %}
    analyze {{ this }}
{% endmacro %}
