with rules as (
    select * from {{ ref('stg_export_control_rules') }}
)

select
    rule_id,
    subject,
    rule,
    effective_or_stated_on,
    note,
    {{ source_document_id() }} as source_document_id
from rules
