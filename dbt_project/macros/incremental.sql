{#
    An incremental fact starts from its table of an earlier release (utpadan/transform/base.py) and
    catches up with staging. One version of a row is its key and the load that brought it: rows
    whose version staging no longer has as current go, versions that are not there come. No date
    decides, so that what a replay rewrote or a revert took back is caught up as well.
#}
{% macro delete_outdated(staging, key) %}
    {%- if is_incremental() -%}
        delete from {{ this }} as kept
        where not exists (
            select 1 from {{ staging }} as present
            where present.{{ key }} = kept.{{ key }} and present._load_id = kept.load_id
        )
    {%- endif -%}
{% endmacro %}

{% macro is_not_kept(alias, key) -%}
    {%- if is_incremental() -%}
        not exists (
            select 1 from {{ this }} as kept
            where kept.{{ key }} = {{ alias }}.{{ key }} and kept.load_id = {{ alias }}._load_id
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
