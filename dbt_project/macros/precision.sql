{#
    Half of the last digit of a figure that was stated as this number: 1,51,000 is known to 500 either
    way, 1,50,590 to 0.5. Two zeros or more at the end of a whole number are taken for rounding.
#}
{% macro half_unit_of(value) %}
    {{- adapter.dispatch('half_unit_of', 'utpadan')(value) }}
{%- endmacro %}
{% macro default__half_unit_of(value) -%}
    {%- set digits = "cast(trim_scale(" ~ value ~ ") as text)" -%}
    {%- set zeros = "length(" ~ digits ~ ") - length(rtrim(" ~ digits ~ ", '0'))" -%}
    cast('1e' || case
        when scale(trim_scale({{ value }})) > 0 then - scale(trim_scale({{ value }}))
        when {{ zeros }} >= 2 then {{ zeros }}
        else 0
    end as numeric) * 0.5
{%- endmacro %}
