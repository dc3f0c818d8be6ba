{#
    A stable id from the parts of a natural key: the same parts give the same id in every build.
    A null part differs from an empty one, and ('a', 'bc') from ('ab', 'c').
#}
{% macro stable_id(parts) %}
    {%- set texts = [] -%}
    {%- for part in parts -%}
        {%- set text = 'cast(' ~ part ~ ' as ' ~ dbt.type_string() ~ ')' -%}
        {%- do texts.append("coalesce('=' || replace(" ~ text ~ ", '|', '||'), '')") -%}
    {%- endfor -%}
    {{ dbt.hash(texts | join(" || '|' || ")) }}
{%- endmacro %}

{# The id of the document at an address: the key of dim_source_document; null where there is none. #}
{% macro source_document_id(url='source_url') %}
    {{- dbt.hash(url) -}}
{% endmacro %}

{# The id of the document behind all rows of a source whose rows name none: an API, a register. #}
{% macro contract_document_id(source) %}
    {%- set contract = contracts()[source] -%}
    {%- if not contract.address -%}
        {{ exceptions.raise_compiler_error(
            source ~ ': its rows name their own source_url, or its contract has no address'
        ) }}
    {%- endif -%}
    {{ source_document_id(text_literal(contract.address)) }}
{%- endmacro %}
