with statements as (
    select * from {{ ref('int_contracts_stated') }}
),

contractors as (
    select
        contract_id,
        count(*) as contractors,
        min(vendor_id) as vendor_id
    from {{ ref('int_contract_vendors_linked') }}
    group by contract_id
),

awards as (
    select * from {{ ref('int_contracts_awarded') }}
),

domains as (
    select * from {{ ref('int_contract_domains_assigned') }}
    where is_main
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

ranked as (
    select
        *,
        count(*) over (partition by contract_id) as statements,
        min(value_inr) over (partition by contract_id) as lowest_value_inr,
        max(value_inr) over (partition by contract_id) as highest_value_inr,
        row_number() over (
            partition by contract_id
            order by
                case when value_inr is null then 1 else 0 end,
                published_from nulls last,
                source_url
        ) as place
    from statements
)

select
    ranked.contract_id,
    ranked.contract_ordinal,
    ranked.contract_kind,
    ranked.is_idex,
    ranked.is_planned,
    ranked.vendor as vendor_name,
    case when contractors.contractors = 1 then contractors.vendor_id end as vendor_id,
    cast(coalesce(contractors.contractors, 0) as integer) as contractors,
    ranked.product as product_name,
    domains.technology_domain,
    awards.challenge_award_id,
    ranked.buyer,
    ranked.contracted_from,
    ranked.contracted_to,
    years.fy_start_date,
    years.fy_label,
    case when ranked.lowest_value_inr = ranked.highest_value_inr then ranked.lowest_value_inr end
        as value_inr,
    ranked.value_qualifier,
    coalesce(ranked.lowest_value_inr <> ranked.highest_value_inr, false) as is_value_disputed,
    ranked.statements,
    ranked.note,
    {{ source_document_id('ranked.source_url') }} as source_document_id
from ranked
left join contractors on ranked.contract_id = contractors.contract_id
left join awards on ranked.contract_id = awards.contract_id
left join domains on ranked.contract_id = domains.contract_id
left join years
    on
        ranked.contracted_from >= years.fy_start_date
        and ranked.contracted_to <= years.fy_end_date
where ranked.place = 1
