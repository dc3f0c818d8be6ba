{# Hectares from acres: the international acre. #}
{% macro acres_to_hectares(area) %}({{ area }} * 0.40468564224){% endmacro %}
