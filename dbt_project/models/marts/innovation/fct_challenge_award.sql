with awards as (
    select * from {{ ref('int_challenge_awards_matched') }}
)

select
    challenge_award_id,
    challenge_id,
    challenge_stated,
    is_idex,
    winner_vendor as vendor_name,
    vendor_id,
    problem_statement,
    service,
    technology_domain,
    won_on,
    {{ fy_start_of('won_on') }} as fy_start_date,
    {{ fy_label_of('won_on') }} as fy_label,
    statements,
    note,
    {{ source_document_id() }} as source_document_id
from awards
