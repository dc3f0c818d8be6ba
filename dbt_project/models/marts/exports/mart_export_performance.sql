with exports as (
    select * from {{ ref('fct_export') }}
    where scope = 'headline'
),

quarters as (
    select * from {{ ref('fct_export_quarter') }}
    where scope = 'headline' and measure = 'value'
),

production as (
    select * from {{ ref('fct_production') }}
    where sector = 'total' and measure = 'value' and scope = 'headline'
),

prices as (
    select * from {{ ref('mart_price_level') }}
),

years as (
    select
        fy_start_date,
        fy_label,
        sector,
        max(case when measure = 'value' then value_inr end) as value_inr,
        max(case when measure = 'share' then value_percent end) as stated_share_percent,
        max(case when measure = 'growth' then value_percent end) as stated_growth_percent,
        max(case when measure = 'authorisations' then value_count end) as authorisations,
        max(case when measure = 'destinations' then value_count end) as destinations,
        max(case when measure = 'exporters' then value_count end) as exporters,
        max(case when measure = 'value' then known_from end) as known_from,
        max(case when measure = 'value' then vintage_count end) as vintage_count,
        max(case when measure = 'value' then statement_count end) as statement_count,
        count(case when measure = 'value' and is_doubtful then 1 end) > 0 as is_doubtful,
        max(case when measure = 'value' then source_document_id end) as value_document_id,
        min(source_document_id) as any_document_id
    from exports
    group by fy_start_date, fy_label, sector
),

quarters_of_years as (
    select
        fy_start_date,
        fy_label,
        sector,
        {% for quarter in (1, 2, 3, 4) %}
        max(case when fiscal_quarter = {{ quarter }} then value_inr end)
            as q{{ quarter }}_value_inr,
        {% endfor %}
        min(source_document_id) as any_document_id
    from quarters
    group by fy_start_date, fy_label, sector
),

keys as (
    select
        fy_start_date,
        fy_label,
        sector
    from years
    union distinct
    select
        fy_start_date,
        fy_label,
        sector
    from quarters_of_years
)

select
    keys.fy_start_date,
    keys.fy_label,
    keys.sector,
    years.value_inr,
    trim_scale(round(years.value_inr / prices.gdp_deflator_index * 100)) as real_value_inr,
    case when years.value_inr is not null then prices.real_missing_reason end
        as real_missing_reason,
    trim_scale(round(years.value_inr / prices.inr_per_usd)) as value_usd,
    case when years.value_inr is not null then prices.usd_missing_reason end as usd_missing_reason,
    trim_scale(round(100 * (years.value_inr / before.value_inr - 1), 2)) as growth_percent,
    years.stated_growth_percent,
    trim_scale(round(100 * years.value_inr / totals.value_inr, 2)) as share_of_exports_percent,
    years.stated_share_percent,
    trim_scale(round(100 * years.value_inr / production.value_inr, 2))
        as share_of_production_percent,
    years.authorisations,
    years.destinations,
    years.exporters,
    {% for quarter in (1, 2, 3, 4) %}
    quarters_of_years.q{{ quarter }}_value_inr,
    {% endfor %}
    years.known_from,
    years.vintage_count,
    years.statement_count,
    coalesce(years.is_doubtful, false) as is_doubtful,
    coalesce(
        years.value_document_id, years.any_document_id, quarters_of_years.any_document_id
    ) as source_document_id
from keys
left join years on keys.fy_start_date = years.fy_start_date and keys.sector = years.sector
left join quarters_of_years
    on
        keys.fy_start_date = quarters_of_years.fy_start_date
        and keys.sector = quarters_of_years.sector
left join years as before
    on
        keys.fy_start_date = {{ dbt.dateadd('year', 1, 'before.fy_start_date') }}
        and keys.sector = before.sector
left join years as totals
    on keys.fy_start_date = totals.fy_start_date and totals.sector = 'total'
left join production on keys.fy_start_date = production.fy_start_date
left join prices on keys.fy_start_date = prices.fy_start_date
