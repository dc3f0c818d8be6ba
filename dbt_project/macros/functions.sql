{# A function of the project without the name of its database: a copy under another name calls it. #}
{% macro called(name) -%}
    {{- function(name).include(database=false) -}}
{%- endmacro %}
