{%- set parts = [
    ('production', ref('stg_production_annual'), 'fy_label'),
    ('exports', ref('stg_exports_annual'), 'period_label'),
    ('exports_quarterly', ref('stg_exports_quarterly'), "fy_label || ' ' || quarter"),
] -%}

with combined as (
    {%- for series, relation, period_label in parts %}
    select
        '{{ series }}' as series,
        {{ period_label }} as period_label,
        sector,
        measure as stated_measure,
        value_stated,
        stated_as,
        status,
        note,
        source_url,
        published_on,
        published_on_approx,
        _known_from
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    {{ stable_id(['series', 'period_label', 'sector', 'stated_measure', 'source_url']) }}
        as statement_id,
    series,
    period_label,
    sector,
    case stated_measure
        when 'value_crore' then 'value'
        when 'share_percent' then 'share'
        when 'growth_percent' then 'growth'
        when 'authorisations_count' then 'authorisations'
        when 'authorisations_growth_percent' then 'authorisations_growth'
        when 'destination_count' then 'destinations'
        when 'exporter_count' then 'exporters'
        when 'exporter_count_growth_percent' then 'exporters_growth'
    end as measure,
    case
        when stated_measure like '%_crore' then 'INR'
        when stated_measure like '%_percent' then 'percent'
        when stated_measure like '%_count' then 'count'
    end as unit,
    case
        when stated_measure like '%_crore' then {{ crore_to_inr('value_stated') }}
        else value_stated
    end as value,
    stated_as,
    status,
    note,
    source_url,
    published_on,
    published_on_approx,
    _known_from
from combined
