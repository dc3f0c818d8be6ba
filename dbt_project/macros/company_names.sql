{# The words that tell a company's name from others; functions/normalised_company_name.yml. #}
{% macro normalised_company_name(company_name) %}
    {{- function('normalised_company_name') }}({{ company_name }})
{%- endmacro %}

{# What two spellings of one company share (Gyan Data is Gyandata). #}
{% macro company_name_key(company_name) %}
    {{- function('company_name_key') }}({{ company_name }})
{%- endmacro %}

{# A row for each key of a list of them, with its place in the list. #}
{% macro keys_in(keys) %}{{ adapter.dispatch('keys_in', 'utpadan')(keys) }}{% endmacro %}
{% macro default__keys_in(keys) %}lateral unnest({{ keys }}) with ordinality{% endmacro %}

{# A row for each company that one cell names, split at ";" and at "/" between blanks. #}
{% macro names_in(cell) %}{{ adapter.dispatch('names_in', 'utpadan')(cell) }}{% endmacro %}
{% macro default__names_in(cell) %}
    lateral regexp_split_to_table({{ cell }}, '\s*;\s*|\s+/\s+')
{%- endmacro %}

{#
    The order in which one statement on a company is chosen: stated before known to the compiler, a
    place with its city, then the latest publication.
#}
{% macro vendor_statement_order(statements) %}
    case when {{ statements }}.basis = 'compiler' then 1 else 0 end asc,
    case when {{ statements }}.city is null then 1 else 0 end asc,
    {{ statements }}.published_from desc nulls last,
    {{ statements }}.registration_id asc,
    {{ statements }}.value asc
{%- endmacro %}
