with revisions as (
    select * from {{ ref('fct_export_quarter_revision') }}
)

select
    export_quarter_id,
    export_quarter_revision_id,
    fy_start_date,
    fy_label,
    fiscal_quarter,
    period_from,
    period_to,
    sector,
    measure,
    scope,
    value_inr,
    value_percent,
    half_unit,
    stated_as,
    known_from,
    vintage_number as vintage_count,
    status,
    statement_count,
    contradicting_statement_count,
    is_doubtful,
    doubt,
    source_document_id,
    value_source_document_id
from revisions
where is_latest
