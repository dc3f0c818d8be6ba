-- Official figures that are stated once, without vintages: what counts as of a day, and budgets.
with indicators as (
    select * from {{ ref('fct_industry_indicator') }}
    where not is_target
),

indicator_metrics as (
    select * from {{ ref('claim_indicators') }}
),

documents as (
    select
        source_document_id,
        coalesce(published_from, cast(first_seen_at as date)) as known_from
    from {{ ref('dim_source_document') }}
    where is_restricted is not true
),

indicator_counts as (
    select
        'fct_industry_indicator' as official_series,
        indicators.indicator_statement_id as official_figure_id,
        'headline' as scope,
        metrics.metric,
        metrics.sector,
        metrics.measure,
        case metrics.period when 'fiscal_year' then indicators.fy_label else metrics.period end
            as period_label,
        'stated' as kind,
        coalesce(
            indicators.value_inr,
            indicators.value_usd,
            indicators.value_percent,
            indicators.value_count
        ) as value,
        case
            when indicators.value_inr is not null then 'INR'
            when indicators.value_usd is not null then 'USD'
            when indicators.value_percent is not null then 'percent'
            else 'count'
        end as unit,
        indicators.stated_as,
        indicators.source_document_id
    from indicators
    inner join indicator_metrics as metrics
        on indicators.conformed_indicator = metrics.indicator
    where metrics.period is distinct from 'fiscal_year' or indicators.is_whole_fiscal_year
),

budgets as (
    select
        'fct_budget' as official_series,
        budget_statement_id as official_figure_id,
        'headline' as scope,
        case
            when head = 'total_defence' then 'defence_budget'
            when head like 'capital_domestic%' then 'capital_domestic'
            else head
        end as metric,
        case head when 'capital_domestic_private' then 'private' else 'total' end as sector,
        case when value_inr is null then 'share' else 'value' end as measure,
        fy_label as period_label,
        'stated' as kind,
        coalesce(value_inr, value_percent) as value,
        case when value_inr is null then 'percent' else 'INR' end as unit,
        stated_as,
        source_document_id
    from {{ ref('fct_budget') }}
    where
        head in (
            'total_defence',
            'capital_outlay',
            'capital_acquisition',
            'capital_domestic',
            'capital_domestic_private',
            'capital_domestic_share_percent'
        )
        and fy_label is not null
        and not is_part_year
),

corridors as (
    select
        'fct_corridor_investment' as official_series,
        corridor_investment_id as official_figure_id,
        'headline' as scope,
        case investment_kind when 'actual' then 'investment' else 'potential_investment' end
            as metric,
        coalesce(corridor, 'BOTH') as sector,
        'value' as measure,
        cast(null as {{ dbt.type_string() }}) as period_label,
        'stated' as kind,
        amount_inr as value,
        'INR' as unit,
        stated_as,
        source_document_id
    from {{ ref('fct_corridor_investment') }}
    where
        place_level <> 'node'
        and part is null
        and not is_flow
        and investment_kind in ('actual', 'committed', 'proposed')
    union all
    select
        'fct_corridor_statistic' as official_series,
        corridor_statistic_id as official_figure_id,
        'headline' as scope,
        measure as metric,
        coalesce(corridor, 'BOTH') as sector,
        'count' as measure,
        cast(null as {{ dbt.type_string() }}) as period_label,
        case figure_kind when 'expected' then 'expected' else 'stated' end as kind,
        figure as value,
        'count' as unit,
        stated_as,
        source_document_id
    from {{ ref('fct_corridor_statistic') }}
    where
        place_level <> 'node'
        and part is null
        and not is_flow
        and measure in ('mous', 'jobs')
        and figure_kind in ('actual', 'expected')
),

programme_counts as (
    select
        'fct_programme_statistic' as official_series,
        programme_statistic_id as official_figure_id,
        'headline' as scope,
        case indicator
            when 'contracts_signed' then 'contracts'
            when 'startups_engaged' then 'startups'
            when 'latot_signed_total' then 'transfers'
        end as metric,
        'total' as sector,
        'count' as measure,
        cast(null as {{ dbt.type_string() }}) as period_label,
        'stated' as kind,
        figure as value,
        'count' as unit,
        concat_ws(' ', qualifier, cast(trim_scale(figure) as {{ dbt.type_string() }})) as stated_as,
        source_document_id
    from {{ ref('fct_programme_statistic') }}
    where
        (programme = 'iDEX' and indicator in ('contracts_signed', 'startups_engaged'))
        or (programme = 'DRDO' and indicator = 'latot_signed_total')
),

lists as (
    select
        'fct_indigenisation_list' as official_series,
        list_statement_id as official_figure_id,
        'headline' as scope,
        'items_listed' as metric,
        'total' as sector,
        'count' as measure,
        cast(null as {{ dbt.type_string() }}) as period_label,
        'stated' as kind,
        item_count as value,
        'count' as unit,
        list_name || ': ' || item_count as stated_as,
        source_document_id
    from {{ ref('fct_indigenisation_list') }}
),

-- Of an ordinal (the 100th contract) every digit counts.
dated as (
    select
        counts.*,
        documents.known_from,
        case
            when counts.stated_as ~* '[0-9](st|nd|rd|th)\M' then 0.5
            else {{ half_unit_of('counts.value') }}
        end as half_unit
    from (
        select * from indicator_counts
        union all
        select * from budgets
        union all
        select * from corridors
        union all
        select * from programme_counts
        union all
        select * from lists
    ) as counts
    inner join documents on counts.source_document_id = documents.source_document_id
    where counts.value is not null
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
    value,
    unit,
    trim_scale(half_unit) as half_unit,
    known_from,
    stated_as,
    source_document_id
from dated
