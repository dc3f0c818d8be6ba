with revisions as (
    select * from {{ ref('fct_production_revision') }}
)

select
    production_id,
    production_revision_id,
    fy_start_date,
    fy_label,
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
