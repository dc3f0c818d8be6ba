{# Rupees from the Indian scale words in which publications state amounts. #}
{% macro crore_to_inr(amount) %}({{ amount }} * 10000000){% endmacro %}

{% macro lakh_to_inr(amount) %}({{ amount }} * 100000){% endmacro %}
