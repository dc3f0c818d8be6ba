with vintages as (
    select * from {{ ref('int_vintages_dated') }}
    where series = 'production'
)

select
    vintage_id as production_revision_id,
    figure_id as production_id,
    {{ fy_start_date('period_label') }} as fy_start_date,
    period_label as fy_label,
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
