with challenges as (
    select * from {{ ref('dim_challenge') }}
    where is_round
),

challenge_domains as (
    select * from {{ ref('challenge_domains_reviewed') }}
),

awards as (
    select * from {{ ref('fct_challenge_award') }}
),

contracts as (
    select * from {{ ref('fct_innovation_contract') }}
    where not is_planned
),

contract_domains as (
    select * from {{ ref('int_contract_domains_assigned') }}
),

products as (
    select
        vendor_id,
        technology_domain,
        lower(product_name) as product_key,
        min(product_name) as product_name,
        min(source_document_id) as source_document_id
    from {{ ref('fct_vendor_product') }}
    group by vendor_id, technology_domain, lower(product_name)
),

transfers as (
    select * from {{ ref('fct_technology_transfer') }}
    where is_transfer
),

projects as (
    select * from {{ ref('fct_tdf_project') }}
),

facilities as (
    select * from {{ ref('fct_test_facility') }}
),

centres as (
    select * from {{ ref('fct_research_infrastructure') }}
),

items as (
    select
        'challenge' as stage,
        challenges.challenge_id as item_id,
        challenges.challenge_id as item_name,
        null as vendor_id,
        challenge_domains.technology_domain,
        challenges.fy_start_date,
        challenges.fy_label,
        challenges.is_idex,
        challenges.problem_statements,
        cast(null as numeric) as value_inr,
        challenges.source_document_id
    from challenges
    left join challenge_domains on challenges.challenge_id = challenge_domains.challenge_id
    union all
    select
        'award' as stage,
        challenge_award_id as item_id,
        problem_statement as item_name,
        vendor_id,
        technology_domain,
        fy_start_date,
        fy_label,
        coalesce(is_idex, false) as is_idex,
        null as problem_statements,
        null as value_inr,
        source_document_id
    from awards
    union all
    select
        'contract' as stage,
        contracts.contract_id as item_id,
        contracts.product_name as item_name,
        contracts.vendor_id,
        contract_domains.technology_domain,
        contracts.fy_start_date,
        contracts.fy_label,
        contracts.is_idex,
        null as problem_statements,
        contracts.value_inr,
        contracts.source_document_id
    from contracts
    left join contract_domains on contracts.contract_id = contract_domains.contract_id
    union all
    select
        'product' as stage,
        {{ stable_id(['vendor_id', 'product_key']) }} as item_id,
        product_name as item_name,
        vendor_id,
        technology_domain,
        null as fy_start_date,
        null as fy_label,
        false as is_idex,
        null as problem_statements,
        null as value_inr,
        source_document_id
    from products
    union all
    select
        'transfer' as stage,
        technology_transfer_id as item_id,
        technology as item_name,
        vendor_id,
        technology_domain,
        fy_start_date,
        fy_label,
        false as is_idex,
        null as problem_statements,
        null as value_inr,
        source_document_id
    from transfers
    union all
    select
        'tdf_project' as stage,
        tdf_project_id as item_id,
        project_name as item_name,
        vendor_id,
        technology_domain,
        fy_start_date,
        fy_label,
        false as is_idex,
        null as problem_statements,
        null as value_inr,
        source_document_id
    from projects
    union all
    select
        'test_facility' as stage,
        test_facility_id as item_id,
        domain_stated as item_name,
        lead_vendor_id as vendor_id,
        technology_domain,
        fy_start_date,
        fy_label,
        false as is_idex,
        null as problem_statements,
        cost_inr as value_inr,
        source_document_id
    from facilities
    union all
    select
        'research_facility' as stage,
        research_infrastructure_id as item_id,
        facility as item_name,
        null as vendor_id,
        technology_domain,
        null as fy_start_date,
        null as fy_label,
        false as is_idex,
        null as problem_statements,
        null as value_inr,
        source_document_id
    from centres
)

select
    {{ stable_id(['stage', 'item_id', 'technology_domain']) }} as innovation_item_id,
    stage,
    item_id,
    item_name,
    vendor_id,
    technology_domain,
    count(*) over (partition by stage, item_id) as domains,
    fy_start_date,
    fy_label,
    is_idex,
    problem_statements,
    value_inr,
    source_document_id
from items
