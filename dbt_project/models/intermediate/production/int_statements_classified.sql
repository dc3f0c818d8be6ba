with statements as (
    select * from {{ ref('int_statements_measured') }}
),

reviewed_statements as (
    select * from {{ ref('statements_reviewed') }}
),

reviewed_dates as (
    select * from {{ ref('publication_dates_reviewed') }}
),

reviewed as (
    select
        statements.*,
        reviewed_statements.scope as reviewed_scope,
        reviewed_statements.doubt as reviewed_doubt,
        reviewed_dates.published_to as reviewed_published_to
    from statements
    left join reviewed_statements
        on
            statements.series = reviewed_statements.series
            and statements.period_label = reviewed_statements.period_label
            and statements.sector = reviewed_statements.sector
            and statements.measure = reviewed_statements.measure
            and statements.source_url = reviewed_statements.source_url
    left join reviewed_dates on statements.source_url = reviewed_dates.source_url
),

dated as (
    select
        *,
        coalesce({{ published_to() }}, reviewed_published_to) as published_to,
        case
            when published_on is not null then 'day'
            when published_on_approx is not null then 'month_or_year'
            when reviewed_published_to is not null then 'reviewed'
            else 'first_seen'
        end as known_on_basis
    from reviewed
),

classified as (
    select
        *,
        -- The last day on which it can have been published: by then it was known for certain.
        cast(
            coalesce({{ dbt.dateadd('day', -1, 'published_to') }}, _known_from) as date
        ) as known_on,
        case
            when reviewed_scope is not null then reviewed_scope
            when status = 'derived_by_publisher' then 'publisher_arithmetic'
            when note ~* 'authorisation basis|of export approvals' then 'authorisation_basis'
            when note ~ '16 DPSUs' then 'sixteen_dpsus'
            else 'headline'
        end as scope,
        case
            when reviewed_doubt is not null then reviewed_doubt
            when
                note ~* '\m(slip|typo|treat with care|do not sum|disagrees|ambiguous)\M'
                then note
        end as doubt,
        case
            when period_label like '% to %' then 'span'
            when
                stated_as ~* '\m(poised|expected|likely|projected|targets?)\M'
                or note ~* '\mexpectation\M'
                then 'expectation'
            when
                status = 'partial'
                or published_to <= {{ period_to('period_label') }}
                then 'part_year'
            when note ~* '\myear (not stated|mapped)\M' then 'unnamed_year'
            when
                stated_as ~* '\m(over|more than|above|exceeds?|in excess of|at least|less than)\M'
                or note ~* '\m(lower|upper) bound\M'
                then 'bound'
            when step is null then 'unread'
            else 'figure'
        end as kind
    from dated
)

select
    statement_id,
    {{ stable_id(['series', 'period_label', 'sector', 'measure', 'scope']) }} as figure_id,
    series,
    period_label,
    sector,
    measure,
    scope,
    kind,
    unit,
    value,
    step,
    half_unit,
    lowest,
    highest,
    stated_as,
    status,
    doubt,
    note,
    source_url,
    known_on,
    known_on_basis
from classified
