with statements as (
    select * from {{ ref('int_targets_stated') }}
),

-- The first to state it among those that name it; a statistic only where nothing else does.
ranked as (
    select
        *,
        row_number() over (
            partition by target_id
            order by
                case source_name when 'targets' then 1 else 2 end,
                known_on,
                target_statement_id
        ) as place
    from statements
)

select
    target_id,
    max(case when place = 1 then target_name end) as target_name,
    fy_start_date,
    fy_label,
    metric,
    kind,
    value_inr,
    max(case when place = 1 then stated_as end) as stated_as,
    min(announced_on) as announced_on,
    min(known_on) as first_stated_on,
    max(known_on) as last_stated_on,
    count(*) as statement_count,
    {{ source_document_id("max(case when place = 1 then source_url end)") }} as source_document_id
from ranked
group by target_id, fy_start_date, fy_label, metric, kind, value_inr
