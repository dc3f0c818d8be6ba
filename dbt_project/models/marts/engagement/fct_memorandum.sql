with memoranda as (
    select * from {{ ref('int_memoranda_stated') }}
),

parties as (
    select
        memorandum_id,
        count(*) as party_count,
        count(distinct vendor_id) as vendor_count
    from {{ ref('int_memorandum_parties_linked') }}
    group by memorandum_id
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

ranked as (
    select
        *,
        count(*) over (partition by memorandum_id) as statement_count,
        row_number() over (
            partition by memorandum_id
            order by published_from asc nulls last, source_url asc
        ) as place
    from memoranda
)

select
    ranked.memorandum_id,
    ranked.event_id,
    ranked.parties,
    parties.party_count,
    parties.vendor_count,
    ranked.subject,
    ranked.signed_from,
    ranked.signed_to,
    years.fy_start_date,
    years.fy_label,
    {{ crore_to_inr('ranked.value_crore') }} as value_inr,
    ranked.statement_count,
    ranked.note,
    {{ source_document_id('ranked.source_url') }} as source_document_id
from ranked
inner join parties on ranked.memorandum_id = parties.memorandum_id
left join years
    on
        ranked.signed_from >= years.fy_start_date
        and ranked.signed_to <= years.fy_end_date
where ranked.place = 1
