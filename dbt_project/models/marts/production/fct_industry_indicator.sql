with indicators as (
    select * from {{ ref('stg_industry_indicators') }}
),

conformed as (
    select * from {{ ref('indicators_conformed') }}
),

periods as (
    select
        *,
        coalesce(period_label like 'target %', false) as is_target,
        replace(period_label, 'target ', '') as period,
        concat_ws(' ', stated_as, note) as wording
    from indicators
),

dated as (
    select
        *,
        {{ period_from('period') }} as period_from,
        {{ period_to('period') }} as period_to
    from periods
)

select
    {{ stable_id(['dated.period_label', 'dated.indicator', 'dated.source_url']) }}
        as indicator_statement_id,
    dated.indicator,
    coalesce(conformed.conformed_indicator, dated.indicator) as conformed_indicator,
    dated.period_from,
    dated.period_to,
    {{ fy_start_of('dated.period_from') }} as fy_start_date,
    {{ fy_label_of('dated.period_from') }} as fy_label,
    dated.period_from = {{ fy_start_of('dated.period_from') }}
    and dated.period_to = {{ dbt.dateadd('year', 1, 'dated.period_from') }}
        as is_whole_fiscal_year,
    dated.is_target,
    case when dated.unit = 'crore' then {{ crore_to_inr('dated.value_stated') }} end as value_inr,
    case when dated.unit = 'USD million' then dated.value_stated * 1000000 end as value_usd,
    case when dated.unit = 'percent' then dated.value_stated end as value_percent,
    case when dated.unit = 'count' then dated.value_stated end as value_count,
    dated.wording ~* '\m(over|more than|lower bound|in excess of)\M' as is_lower_bound,
    dated.wording ~* '\m(around|about|approximate|approximately|rounded)\M' as is_approximate,
    dated.wording ~ '\mCONFLICT\M' as is_doubtful,
    dated.stated_as,
    dated.note,
    {{ source_document_id('dated.source_url') }} as source_document_id
from dated
left join conformed on dated.indicator = conformed.indicator
