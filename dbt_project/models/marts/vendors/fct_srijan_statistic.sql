with statistics as (
    select
        *,
        {{ published_from() }} as published_from,
        indicator like '%\_crore' as is_money,
        indicator in ('portal_launched', 'srijan_deep_launch_planned') as is_event
    from {{ ref('stg_srijan_stats') }}
),

scoped as (
    select
        *,
        cast(
            replace(substring(note from '^of ([0-9][0-9,]*)'), ',', '') as bigint
        ) as base_count
    from statistics
),

ranked as (
    select
        *,
        row_number() over (
            partition by indicator, value_stated, qualifier, base_count
            order by published_from nulls last, source_url
        ) as place
    from scoped
)

select
    {{ stable_id(['as_of_on', 'indicator', 'source_url']) }} as srijan_statistic_id,
    as_of_on,
    {{ fy_start_of('as_of_on') }} as fy_start_date,
    {{ fy_label_of('as_of_on') }} as fy_label,
    regexp_replace(indicator, '_crore$', '') as indicator,
    case when not is_money and not is_event then cast(value_stated as bigint) end as value_count,
    case when is_money then {{ crore_to_inr('value_stated') }} end as value_inr,
    qualifier,
    base_count,
    is_event,
    place > 1 as is_repeat,
    note,
    {{ source_document_id() }} as source_document_id
from ranked
