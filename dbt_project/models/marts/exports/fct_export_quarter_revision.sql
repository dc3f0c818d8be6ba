with vintages as (
    select * from {{ ref('int_vintages_dated') }}
    where series = 'exports_quarterly'
)

select
    vintage_id as export_quarter_revision_id,
    figure_id as export_quarter_id,
    {{ fy_start_date('period_label') }} as fy_start_date,
    substring(period_label from 1 for 7) as fy_label,
    cast(right(period_label, 1) as integer) as fiscal_quarter,
    {{ period_from('period_label') }} as period_from,
    {{ period_to('period_label') }} as period_to,
    sector,
    measure,
    scope,
    vintage_number,
    case when unit = 'INR' then value end as value_inr,
    case when unit = 'percent' then value end as value_percent,
    half_unit,
    stated_as,
    known_from,
    known_to,
    value_known_from,
    first_stated_as,
    status,
    statement_count,
    contradicting_statement_count,
    is_doubtful,
    doubt,
    known_to is null as is_latest,
    {{ source_document_id('first_source_url') }} as source_document_id,
    {{ source_document_id('value_source_url') }} as value_source_document_id
from vintages
