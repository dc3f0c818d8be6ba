with statements as (
    select * from {{ ref('int_targets_stated') }}
)

select
    target_statement_id,
    target_id,
    target_name,
    fy_start_date,
    fy_label,
    metric,
    kind,
    value_inr,
    stated_as,
    announced_on,
    note,
    known_on,
    source_row_count,
    {{ source_document_id() }} as source_document_id
from statements
