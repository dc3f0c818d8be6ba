with targets as (
    select * from {{ ref('stg_targets') }}
)

select
    {{ stable_id(['target_name', 'fy_label', 'source_url']) }} as target_statement_id,
    target_name,
    {{ fy_start_date('fy_label') }} as fy_start_date,
    fy_label,
    metric,
    case
        when target_name ~* '\m(expected|projection)\M' then 'expectation'
        when note ~* '\mdraft policy\M' then 'draft_target'
        else 'target'
    end as kind,
    {{ crore_to_inr('value_crore') }} as value_inr,
    stated_as,
    announced_on,
    note,
    {{ source_document_id() }} as source_document_id
from targets
