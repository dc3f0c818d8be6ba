{#
    Keys are stated once, as `constraints` of the mart, and stand in the database when the model
    is done: the build stops at the first model whose key does not hold.

    dbt would write them into `create table`. Then every row is checked as it is inserted, the
    referenced dimensions stay locked meanwhile, which makes facts wait for each other, and
    a rebuilt dimension takes the foreign keys of an incremental fact with it. Added to the filled
    table instead they are several times faster, and each run adds the ones that are missing.
#}
{% macro add_keys() %}
    {{ adapter.dispatch('add_keys', 'utpadan')() }}
{% endmacro %}

{% macro default__add_keys() %}{% endmacro %}

{% macro postgres__add_keys() %}
    {%- set present = keys_present(this) if execute else [] -%}
    {%- for definition in key_definitions(model.constraints) if definition not in present %}
        alter table {{ this }} add {{ definition }};
    {%- endfor %}
{% endmacro %}

{# The definitions as Postgres spells them, to be compared with the ones it has. #}
{% macro keys_present(relation) %}
    {%- set query -%}
        select pg_get_constraintdef(oid)
        from pg_constraint
        where conrelid = '{{ relation.include(database=false) }}'::regclass
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{# Foreign keys in order of the table they lock, so that two facts never wait for each other. #}
{% macro key_definitions(constraints) %}
    {%- set found = [] -%}
    {%- for key in constraints | selectattr('type', 'equalto', 'primary_key') -%}
        {%- do found.append('PRIMARY KEY (' ~ key.columns | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- for key in constraints | selectattr('type', 'equalto', 'unique') -%}
        {%- do found.append('UNIQUE NULLS NOT DISTINCT (' ~ key.columns | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- for key in constraints | selectattr('type', 'equalto', 'foreign_key') | sort(attribute='to') -%}
        {%- set table = (key.to | replace('"', '')).split('.')[-2:] | join('.') -%}
        {%- do found.append(
            'FOREIGN KEY (' ~ key.columns | join(', ') ~ ') REFERENCES '
            ~ table ~ '(' ~ key.to_columns | join(', ') ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
