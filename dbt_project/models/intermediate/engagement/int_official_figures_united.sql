{{ config(materialized="table") }}

-- Every official figure that a press claim can be compared with. A figure of a year or quarter has
-- vintages; what counts as of a day is superseded by the next count.
{%- set vintages = [
    ('production', 'fct_production', 'production_revision_id', 'fy_label', 'production'),
    ('exports', 'fct_export', 'export_revision_id', 'fy_label', 'exports'),
    (
        'exports_quarterly', 'fct_export_quarter', 'export_quarter_revision_id',
        "fy_label || ' Q' || fiscal_quarter", 'exports',
    ),
] %}

with dated as (
    select * from {{ ref('int_official_counts_stated') }}
),

{% for series, fact, key, period, metric in vintages %}
{{ series }}_statements as (
    select
        {{ key }},
        max(known_on) as last_stated_on
    from {{ ref(fact ~ '_statement') }}
    where {{ key }} is not null
    group by {{ key }}
),

{{ series }}_vintages as (
    select
        '{{ fact }}_revision' as official_series,
        revisions.{{ key }} as official_figure_id,
        revisions.scope,
        case
            when revisions.measure like 'authorisations%' then 'export_authorisations'
            when revisions.measure like 'exporters%' then 'exporters'
            when revisions.measure = 'destinations' then 'destinations'
            else '{{ metric }}'
        end as metric,
        revisions.sector,
        case
            when revisions.measure in ('authorisations', 'exporters', 'destinations') then 'count'
            when revisions.measure like '%growth' then 'growth'
            else revisions.measure
        end as measure,
        {{ period }} as period_label,
        'stated' as kind,
        revisions.known_from,
        revisions.known_to,
        statements.last_stated_on,
        {% if series == 'exports' -%}
        coalesce(revisions.value_inr, revisions.value_percent, revisions.value_count) as value,
        case
            when revisions.value_inr is not null then 'INR'
            when revisions.value_count is not null then 'count'
            else 'percent'
        end as unit,
        {%- else -%}
        coalesce(revisions.value_inr, revisions.value_percent) as value,
        case when revisions.value_inr is null then 'percent' else 'INR' end as unit,
        {%- endif %}
        revisions.half_unit,
        revisions.stated_as,
        revisions.source_document_id
    from {{ ref(fact ~ '_revision') }} as revisions
    inner join {{ series }}_statements as statements
        on revisions.{{ key }} = statements.{{ key }}
),

{% endfor -%}
targets as (
    select
        'fct_target' as official_series,
        target_id as official_figure_id,
        'headline' as scope,
        metric,
        'total' as sector,
        'value' as measure,
        fy_label as period_label,
        case kind when 'target' then 'target' when 'draft_target' then 'target' else 'expected' end
            as kind,
        value_inr as value,
        'INR' as unit,
        first_stated_on as known_from,
        last_stated_on,
        {{ half_unit_of('value_inr') }} as half_unit,
        stated_as,
        source_document_id
    from {{ ref('fct_target') }}
),

united as (
    {% for series, fact, key, period, metric in vintages %}
    select
        official_series,
        official_figure_id,
        scope,
        metric,
        sector,
        measure,
        period_label,
        kind,
        value,
        unit,
        half_unit,
        known_from,
        known_to,
        last_stated_on,
        stated_as,
        source_document_id
    from {{ series }}_vintages
    union all
    {% endfor %}
    select
        official_series,
        official_figure_id,
        scope,
        metric,
        sector,
        measure,
        period_label,
        kind,
        value,
        unit,
        half_unit,
        known_from,
        min(known_from) over later as known_to,
        known_from as last_stated_on,
        stated_as,
        source_document_id
    from dated
    window
        later as (
            partition by official_series, metric, sector, measure, period_label
            order by known_from
            groups between 1 following and 1 following
        )
    union all
    select
        official_series,
        official_figure_id,
        scope,
        metric,
        sector,
        measure,
        period_label,
        kind,
        value,
        unit,
        half_unit,
        known_from,
        cast(null as date) as known_to,
        last_stated_on,
        stated_as,
        source_document_id
    from targets
)

select
    official_series,
    official_figure_id,
    scope,
    metric,
    sector,
    measure,
    period_label,
    kind,
    unit,
    trim_scale(value) as value,
    trim_scale(half_unit) as half_unit,
    trim_scale(value - half_unit * case when value < 0 then 2 else 1 end) as lowest,
    trim_scale(value + half_unit * case when value < 0 then 1 else 2 end) as highest,
    known_from,
    known_to,
    last_stated_on,
    stated_as,
    source_document_id
from united
