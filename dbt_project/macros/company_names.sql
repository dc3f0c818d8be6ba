{# The words that tell a company's name from others; functions/normalised_company_name.yml. #}
{% macro normalised_company_name(company_name) %}
    {{- function('normalised_company_name') }}({{ company_name }})
{%- endmacro %}

{#
    What two spellings of one company share: the normalised name without blanks (Gyan Data is
    Gyandata), and the name itself where nothing of it is Latin.
#}
{% macro company_name_key(company_name) %}
    coalesce(
        replace({{ normalised_company_name(company_name) }}, ' ', ''), lower({{ company_name }})
    )
{%- endmacro %}

{# A row for each company that one cell names, split at ";" and at "/" between blanks. #}
{% macro names_in(cell) %}{{ adapter.dispatch('names_in', 'utpadan')(cell) }}{% endmacro %}
{% macro default__names_in(cell) %}
    lateral regexp_split_to_table({{ cell }}, '\s*;\s*|\s+/\s+')
{%- endmacro %}
