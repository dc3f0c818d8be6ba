-- Every reviewed decision meets a statement it decides about; of a series without any statement
-- nothing is decided yet.
with decisions as (
    select * from {{ ref('statements_reviewed') }}
),

statements as (
    select * from {{ ref('int_statements_combined') }}
),

series_stated as (
    select statements.series
    from statements
    group by statements.series
)

select
    decisions.series,
    decisions.period_label,
    decisions.sector,
    decisions.measure,
    decisions.source_url
from decisions
left join statements
    on
        decisions.series = statements.series
        and decisions.period_label = statements.period_label
        and decisions.sector = statements.sector
        and decisions.measure = statements.measure
        and decisions.source_url = statements.source_url
where
    statements.statement_id is null
    and decisions.series in (select series_stated.series from series_stated)
