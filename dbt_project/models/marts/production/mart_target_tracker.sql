with targets as (
    select * from {{ ref('fct_target') }}
    where metric in ('production', 'exports')
),

actuals as (
    select
        'production' as metric,
        fy_start_date,
        fy_label,
        value_inr,
        known_from,
        vintage_count,
        is_doubtful,
        source_document_id
    from {{ ref('fct_production') }}
    where sector = 'total' and measure = 'value' and scope = 'headline'
    union all
    select
        'exports' as metric,
        fy_start_date,
        fy_label,
        value_inr,
        known_from,
        vintage_count,
        is_doubtful,
        source_document_id
    from {{ ref('fct_export') }}
    where sector = 'total' and measure = 'value' and scope = 'headline'
),

prices as (
    select * from {{ ref('mart_price_level') }}
),

-- Every year beside itself and the years before it, as far as they are known.
spans as (
    select
        actuals.*,
        earlier.value_inr as earlier_inr,
        cast(
            extract(year from actuals.fy_start_date) - extract(year from earlier.fy_start_date)
            as integer
        ) as years
    from actuals
    inner join actuals as earlier
        on
            actuals.metric = earlier.metric
            and actuals.fy_start_date >= earlier.fy_start_date
),

-- Growth as a yearly rate; null where the year it would be counted from is not known.
rates as (
    select
        *,
        case
            when years > 0
                then trim_scale(round(100 * (power(value_inr / earlier_inr, 1.0 / years) - 1), 2))
        end as growth_percent
    from spans
),

grown as (
    select
        metric,
        fy_start_date,
        fy_label,
        value_inr,
        known_from,
        vintage_count,
        is_doubtful,
        source_document_id,
        max(case when years = 1 then growth_percent end) as growth_1_year_percent,
        max(case when years = 3 then growth_percent end) as growth_3_years_percent,
        max(case when years = 5 then growth_percent end) as growth_5_years_percent
    from rates
    group by
        metric,
        fy_start_date,
        fy_label,
        value_inr,
        known_from,
        vintage_count,
        is_doubtful,
        source_document_id
),

-- The newest actual up to the year of the target: that year itself, once it is known.
paired as (
    select
        targets.target_id,
        grown.*,
        cast(
            extract(year from targets.fy_start_date) - extract(year from grown.fy_start_date)
            as integer
        ) as years_left,
        row_number() over (
            partition by targets.target_id order by grown.fy_start_date desc
        ) as place
    from targets
    inner join grown
        on targets.metric = grown.metric and targets.fy_start_date >= grown.fy_start_date
),

tracked as (
    select
        targets.target_id,
        targets.metric as subject,
        targets.fy_start_date,
        targets.fy_label,
        targets.kind,
        targets.target_name,
        targets.value_inr as target_inr,
        targets.statement_count,
        targets.first_stated_on,
        targets.source_document_id,
        actual.fy_start_date as actual_fy_start_date,
        actual.fy_label as actual_fy_label,
        actual.value_inr as actual_inr,
        actual.known_from as actual_known_from,
        actual.vintage_count as actual_vintage_count,
        actual.is_doubtful as is_actual_doubtful,
        actual.source_document_id as actual_source_document_id,
        actual.years_left,
        actual.growth_1_year_percent,
        actual.growth_3_years_percent,
        actual.growth_5_years_percent,
        targets.value_inr - actual.value_inr as gap_inr,
        case
            when actual.value_inr >= targets.value_inr then 'reached'
            when actual.years_left = 0 then 'missed'
            when actual.years_left > 0 then 'open'
        end as outcome,
        case
            when actual.years_left > 0 and actual.value_inr < targets.value_inr
                then
                    trim_scale(round(
                        100 * (
                            power(targets.value_inr / actual.value_inr, 1.0 / actual.years_left) - 1
                        ),
                        2
                    ))
        end as required_growth_percent
    from targets
    left join paired as actual on targets.target_id = actual.target_id and actual.place = 1
)

select
    tracked.target_id,
    tracked.subject,
    tracked.fy_start_date,
    tracked.fy_label,
    tracked.kind,
    tracked.target_name,
    tracked.target_inr,
    tracked.statement_count as target_statement_count,
    tracked.first_stated_on as target_first_stated_on,
    tracked.actual_fy_start_date,
    tracked.actual_fy_label,
    tracked.actual_inr,
    trim_scale(round(tracked.actual_inr / prices.gdp_deflator_index * 100)) as actual_real_inr,
    prices.real_missing_reason,
    trim_scale(round(tracked.actual_inr / prices.inr_per_usd)) as actual_usd,
    prices.usd_missing_reason,
    tracked.actual_known_from,
    tracked.actual_vintage_count,
    tracked.is_actual_doubtful,
    tracked.gap_inr,
    trim_scale(round(100 * tracked.actual_inr / tracked.target_inr, 2)) as achieved_percent,
    tracked.years_left,
    tracked.required_growth_percent,
    tracked.growth_1_year_percent,
    tracked.growth_3_years_percent,
    tracked.growth_5_years_percent,
    tracked.outcome,
    case
        when tracked.outcome = 'open'
            then tracked.growth_3_years_percent >= tracked.required_growth_percent
    end as is_on_track,
    tracked.source_document_id,
    tracked.actual_source_document_id
from tracked
left join prices on tracked.actual_fy_start_date = prices.fy_start_date
