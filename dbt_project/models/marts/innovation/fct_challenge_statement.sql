with statements as (
    select * from {{ ref('int_challenges_stated') }}
    where is_described
)

select
    {{ stable_id(['challenge_id', 'source_url']) }} as challenge_statement_id,
    challenge_id,
    launched_from,
    launched_to,
    problem_statements,
    applications,
    winners_count,
    {{ crore_to_inr('budget_crore') }} as budget_inr,
    note,
    {{ source_document_id() }} as source_document_id
from statements
