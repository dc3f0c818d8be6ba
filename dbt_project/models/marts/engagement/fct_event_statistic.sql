with figures as (
    select
        *,
        case when indicator not like '%_crore' then value_stated end as value_count,
        case when indicator like '%_crore' then {{ crore_to_inr('value_stated') }} end as value_inr,
        {{ published_from() }} as published_from
    from {{ ref('stg_event_meetings') }}
),

ranked as (
    select
        *,
        count(*) over (
            partition by event_id, meeting_type, indicator, value_stated
        ) as statement_count,
        count(*) over (partition by event_id, meeting_type, indicator) as statements_of_all,
        row_number() over (
            partition by event_id, meeting_type, indicator, value_stated
            order by published_from asc nulls last, source_url asc
        ) as place
    from figures
)

select
    {{ stable_id(['event_id', 'meeting_type', 'indicator', 'value_stated']) }}
        as event_statistic_id,
    event_id,
    meeting_type as engagement_kind,
    indicator,
    indicator in ('total', 'awards_total') as is_total,
    value_count,
    value_inr,
    case
        when note ~* '\m(over|more than|at least)\M' then 'lower'
        when note ~* '\m(around|about|nearly)\M' then 'approximate'
        else 'exact'
    end as bound,
    statement_count < statements_of_all as is_disputed,
    statement_count,
    note,
    {{ source_document_id() }} as source_document_id
from ranked
where place = 1
