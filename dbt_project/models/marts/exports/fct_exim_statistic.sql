with statistics as (
    select * from {{ ref('stg_exim_stats') }}
),

indicators as (
    select * from {{ ref('exim_indicators') }}
),

statements as (
    select * from {{ ref('fct_export_statement') }}
),

periods as (
    select
        *,
        period_label like 'target %' or indicator like '%target%' as is_target,
        replace(period_label, 'target ', '') as period
    from statistics
),

dated as (
    select
        *,
        {{ period_from('period') }} as period_from,
        {{ period_to('period') }} as period_to,
        case when unit = 'INR crore' then {{ crore_to_inr('value_stated') }} end as value_inr,
        case when unit = 'USD billion' then value_stated * 1000000000 end as value_usd,
        case when unit = 'percent' then value_stated end as value_percent,
        case when unit = 'count' then value_stated end as value_count,
        {{ source_document_id() }} as source_document_id
    from periods
),

in_years as (
    select
        dated.*,
        indicators.sector,
        indicators.measure,
        {{ fy_start_of('dated.period_from') }} as fy_start_date,
        {{ fy_label_of('dated.period_from') }} as fy_label
    from dated
    left join indicators on dated.indicator = indicators.indicator
)

select
    {{ stable_id(['in_years.period_label', 'in_years.indicator', 'in_years.source_url']) }}
        as exim_statement_id,
    in_years.indicator,
    in_years.sector,
    in_years.measure,
    in_years.period_from,
    in_years.period_to,
    in_years.fy_start_date,
    in_years.fy_label,
    in_years.period_from = in_years.fy_start_date
    and in_years.period_to = {{ dbt.dateadd('year', 1, 'in_years.fy_start_date') }}
        as is_whole_fiscal_year,
    in_years.is_target,
    in_years.value_inr,
    in_years.value_usd,
    in_years.value_percent,
    in_years.value_count,
    coalesce(in_years.note ~ '\m(around|more than|rounded)\M', false) as is_approximate,
    coalesce(in_years.note ~ '\mCONFLICT\M', false) as is_doubtful,
    in_years.note,
    statements.statement_id as repeated_statement_id,
    in_years.source_document_id
from in_years
left join statements
    on
        in_years.source_document_id = statements.source_document_id
        and in_years.fy_start_date = statements.fy_start_date
        and in_years.sector = statements.sector
        and in_years.measure = statements.measure
        and coalesce(in_years.value_inr, in_years.value_percent, in_years.value_count)
        = coalesce(statements.value_inr, statements.value_percent, statements.value_count)
        and not in_years.is_target
