with budget as (
    select * from {{ ref('stg_budget') }}
),

scoped as (
    select
        *,
        period_label like '% to %' as is_span,
        case
            -- Three scopes share this name. A fourth is an error here, and stops the build.
            when head = 'rnd'
                then
                    case
                        when note like 'DRDO total%' then 'drdo_total'
                        when note like '%capital R&D%' then 'drdo_capital'
                        when note like '%revenue demand' then 'research_revenue_demand'
                    end
            when note like 'revenue part%' then 'revenue_part'
            when note = 'three services' then 'three_services'
            else 'whole_head'
        end as scope
    from budget
)

select
    {{ stable_id(['period_label', 'head', 'estimate_type', 'source_url']) }}
        as budget_statement_id,
    case when not is_span then {{ fy_start_date('period_label') }} end as fy_start_date,
    case when not is_span then period_label end as fy_label,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    head,
    scope,
    estimate_type,
    case when unit = 'crore' then {{ crore_to_inr('value_stated') }} end as value_inr,
    case when unit = 'percent' then value_stated end as value_percent,
    coalesce(note ~ '\mPARTIAL\M', false) as is_part_year,
    coalesce(note ~ '\minterim\M', false) as is_interim,
    coalesce(note ~ '\m(rounded|approximate)\M', false) as is_rounded,
    stated_as,
    note,
    {{ source_document_id() }} as source_document_id
from scoped
