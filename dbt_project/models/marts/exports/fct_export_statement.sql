with statements as (
    select * from {{ ref('int_statements_placed') }}
    where series = 'exports'
)

select
    statement_id,
    case when kind != 'span' then {{ fy_start_date('period_label') }} end as fy_start_date,
    case when kind != 'span' then period_label end as fy_label,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    sector,
    measure,
    scope,
    kind,
    role,
    vintage_id as export_revision_id,
    case when unit = 'INR' then value end as value_inr,
    case when unit = 'percent' then value end as value_percent,
    case when unit = 'count' then value end as value_count,
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
