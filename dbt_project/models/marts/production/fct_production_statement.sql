with statements as (
    select * from {{ ref('int_statements_placed') }}
    where series = 'production'
)

select
    statement_id,
    {{ fy_start_date('period_label') }} as fy_start_date,
    period_label as fy_label,
    sector,
    measure,
    scope,
    kind,
    role,
    vintage_id as production_revision_id,
    case when unit = 'INR' then value end as value_inr,
    case when unit = 'percent' then value end as value_percent,
    half_unit,
    stated_as,
    status,
    doubt is not null as is_doubtful,
    doubt,
    note,
    known_on,
    known_on_basis,
    {{ source_document_id() }} as source_document_id
from statements
