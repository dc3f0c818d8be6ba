{#
    One row per staging row: the document it is taken from. Rows of a source without source_url are
    taken from the address in its contract; a source with neither is left out. Rows of the past
    count where a source has a stg_<source>_history.
#}
{% macro documents_cited() %}
    {%- set selects = [] -%}
    {%- for source, contract in contracts().items() if contract.columns or contract.address -%}
        {%- set select -%}
            select
                '{{ source }}' as source_name,
                {{ cited(contract, 'source_url', text_literal(contract.address or '')) }},
                {{ cited(contract, 'publisher', text_literal(contract.publisher)) }},
                {{ cited(contract, 'published_on', 'cast(null as date)') }},
                {{ cited(contract, 'published_on_approx', 'cast(null as text)') }},
                {{ contract.is_sample }} as is_sample,
                {{ is_restricted(source) }} as is_restricted,
                {{ '_known_to is null' if contract.has_history else 'true' }} as is_current,
                _known_from,
                _load_id
            from {{ ref(contract.model) }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor -%}
    {{ selects | join('\n            union all\n            ') }}
{% endmacro %}

{# A column where the source has it; else, for a source that names no documents, what is known. #}
{% macro cited(contract, column, otherwise) -%}
    {%- if column in contract.columns -%}
        {{ column }}
    {%- elif contract.columns and column == 'publisher' -%}
        cast(null as text) as publisher
    {%- else -%}
        {{ otherwise }} as {{ column }}
    {%- endif -%}
{%- endmacro %}

{# Whether the contract restricts the source's rows to members of utpadan_restricted. #}
{% macro is_restricted(source) %}{{ contracts()[source].is_restricted }}{% endmacro %}

{% macro text_literal(text) %}
    {{- dbt.string_literal(dbt.escape_single_quotes(text)) -}}
{% endmacro %}
