with targets as (
    select * from {{ ref('stg_targets') }}
),

exim_statistics as (
    select * from {{ ref('stg_exim_stats') }}
    where period_label like 'target %' or indicator like '%target%'
),

industry_indicators as (
    select * from {{ ref('stg_industry_indicators') }}
    where period_label like 'target %'
),

reviewed_kinds as (
    select * from {{ ref('targets_reviewed') }}
),

reviewed_dates as (
    select * from {{ ref('publication_dates_reviewed') }}
),

-- By 2029 means by the end of fiscal year 2028-29, in which 2029 begins, as in the list of targets.
figures as (
    select
        'exim_stats' as source_name,
        indicator,
        period_label,
        value_stated,
        unit in ('INR crore', 'crore') as is_in_crore,
        cast(null as {{ dbt.type_string() }}) as stated_as,
        note,
        source_url,
        published_on,
        published_on_approx,
        _known_from
    from exim_statistics
    union all
    select
        'industry_indicators' as source_name,
        indicator,
        period_label,
        value_stated,
        unit in ('INR crore', 'crore') as is_in_crore,
        stated_as,
        note,
        source_url,
        published_on,
        published_on_approx,
        _known_from
    from industry_indicators
),

mapped as (
    select
        *,
        case
            when period_label like 'target %'
                then {{ fy_start_of(period_from("replace(period_label, 'target ', '')")) }}
            else {{ fy_start_date('period_label') }}
        end as fy_start_date,
        case
            when indicator like '%export%' then 'exports'
            when indicator like '%production%' then 'production'
        end as metric
    from figures
),

combined as (
    select
        'targets' as source_name,
        target_name,
        {{ fy_start_date('fy_label') }} as fy_start_date,
        metric,
        {{ crore_to_inr('value_crore') }} as value_inr,
        stated_as,
        announced_on,
        note,
        source_url,
        published_on,
        published_on_approx,
        _known_from
    from targets
    union all
    select
        source_name,
        'Defence ' || metric || ' target ' || {{ fy_label_of('fy_start_date') }} as target_name,
        fy_start_date,
        metric,
        case when is_in_crore then {{ crore_to_inr('value_stated') }} end as value_inr,
        stated_as,
        cast(null as date) as announced_on,
        note,
        source_url,
        published_on,
        published_on_approx,
        _known_from
    from mapped
),

read as (
    select
        combined.*,
        {{ fy_label_of('combined.fy_start_date') }} as fy_label,
        case
            when reviewed_kinds.kind is not null then reviewed_kinds.kind
            when combined.target_name ~* '\mexpected\M' then 'expectation'
            when combined.target_name ~* '\mprojection\M' then 'projection'
            when combined.note ~* '\mdraft\M' then 'draft_target'
            else 'target'
        end as kind,
        cast(
            coalesce(
                {{ dbt.dateadd(
                    'day', -1, published_to('combined.published_on', 'combined.published_on_approx')
                ) }},
                {{ dbt.dateadd('day', -1, 'reviewed_dates.published_to') }},
                combined._known_from
            ) as date
        ) as known_on
    from combined
    left join reviewed_kinds
        on
            combined.target_name = reviewed_kinds.target_name
            and {{ fy_label_of('combined.fy_start_date') }} = reviewed_kinds.fy_label
    left join reviewed_dates on combined.source_url = reviewed_dates.source_url
),

-- One page may be read by two sources: the list of targets says more than a statistic.
placed as (
    select
        *,
        {{ stable_id(['metric', 'fy_label', 'kind', 'value_inr']) }} as target_id,
        row_number() over (
            partition by metric, fy_start_date, kind, value_inr, source_url
            order by case source_name when 'targets' then 1 else 2 end, target_name
        ) as place_on_page,
        min(known_on) over (
            partition by metric, fy_start_date, kind, value_inr, source_url
        ) as page_known_on,
        count(*) over (
            partition by metric, fy_start_date, kind, value_inr, source_url
        ) as source_row_count
    from read
)

select
    {{ stable_id(['target_id', 'source_url']) }} as target_statement_id,
    target_id,
    source_name,
    target_name,
    metric,
    fy_start_date,
    fy_label,
    kind,
    trim_scale(value_inr) as value_inr,
    stated_as,
    announced_on,
    note,
    page_known_on as known_on,
    source_row_count,
    source_url
from placed
where place_on_page = 1
