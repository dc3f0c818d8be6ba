with figures as (
    select * from {{ ref('int_programme_figures_stated') }}
),

indicators as (
    select * from {{ ref('programme_indicators') }}
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

kinds as (
    select
        figures.*,
        indicators.figure_kind,
        case when indicators.figure_kind = 'flow' then figures.as_of_from end as own_period,
        concat(figures.figure, ' ', figures.range_to, ' ', figures.bound) as stated
    from figures
    left join indicators
        on
            figures.programme = indicators.programme
            and figures.indicator_stated = indicators.indicator
),

compared as (
    select
        *,
        coalesce(
            stated = lag(stated) over (
                partition by programme, indicator, own_period
                order by as_of_from nulls last, published_from nulls last, source_url
            ),
            false
        ) as is_repeat
    from kinds
),

days as (
    select
        programme,
        indicator,
        as_of_from,
        count(distinct case when bound = 'exact' then figure end) > 1 as is_disputed,
        lead(as_of_from) over (
            partition by programme, indicator
            order by as_of_from
        ) as next_as_of_on
    from compared
    where as_of_from is not null and not is_repeat
    group by programme, indicator, as_of_from
)

select
    {{ stable_id([
        'compared.programme', 'compared.indicator_stated', 'compared.period_label',
        'compared.source_url',
    ]) }} as programme_statistic_id,
    compared.programme,
    compared.indicator,
    compared.figure_kind,
    compared.as_of_from,
    compared.as_of_to,
    case
        when compared.figure_kind in ('running_total', 'stock', 'limit') and not compared.is_repeat
            then days.next_as_of_on
    end as next_as_of_on,
    years.fy_start_date,
    years.fy_label,
    compared.figure,
    compared.range_to,
    compared.unit,
    compared.qualifier,
    compared.bound,
    compared.is_repeat,
    coalesce(days.is_disputed, false) as is_disputed,
    compared.note,
    {{ source_document_id('compared.source_url') }} as source_document_id
from compared
left join days
    on
        compared.programme = days.programme
        and compared.indicator = days.indicator
        and compared.as_of_from = days.as_of_from
left join years
    on compared.as_of_from >= years.fy_start_date and compared.as_of_to <= years.fy_end_date
