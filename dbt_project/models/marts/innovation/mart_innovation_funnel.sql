with items as (
    select * from {{ ref('mart_innovation_item') }}
),

domains as (
    select * from {{ ref('dim_technology_domain') }}
),

things as (
    select
        stage,
        item_id,
        fy_start_date,
        fy_label,
        is_idex,
        problem_statements,
        value_inr
    from items
    group by stage, item_id, fy_start_date, fy_label, is_idex, problem_statements, value_inr
),

by_domain as (
    select
        case when technology_domain is null then 'not_stated' else 'domain' end as domain_level,
        technology_domain,
        stage,
        fy_start_date,
        fy_label,
        is_idex,
        problem_statements,
        value_inr
    from items
    union all
    select
        'all_domains' as domain_level,
        null as technology_domain,
        stage,
        fy_start_date,
        fy_label,
        is_idex,
        problem_statements,
        value_inr
    from things
),

by_period as (
    select
        domain_level,
        technology_domain,
        case when fy_start_date is null then 'not_stated' else 'fiscal_year' end as period_level,
        fy_start_date,
        fy_label,
        stage,
        is_idex,
        problem_statements,
        value_inr
    from by_domain
    union all
    select
        domain_level,
        technology_domain,
        'all_years' as period_level,
        null as fy_start_date,
        null as fy_label,
        stage,
        is_idex,
        problem_statements,
        value_inr
    from by_domain
),

even_if_empty as (
    select
        'domain' as domain_level,
        technology_domain
    from domains
    union all
    select
        'not_stated' as domain_level,
        null as technology_domain
    union all
    select
        'all_domains' as domain_level,
        null as technology_domain
),

rows_to_count as (
    select * from by_period
    union all
    select
        domain_level,
        technology_domain,
        'all_years' as period_level,
        null as fy_start_date,
        null as fy_label,
        null as stage,
        null as is_idex,
        null as problem_statements,
        null as value_inr
    from even_if_empty
),

counted as (
    select
        domain_level,
        technology_domain,
        period_level,
        fy_start_date,
        fy_label,
        count(case when stage = 'challenge' then 1 end) as challenges,
        coalesce(sum(problem_statements), 0) as problem_statements,
        count(case when stage = 'award' then 1 end) as awards,
        count(case when stage = 'award' and is_idex then 1 end) as idex_awards,
        count(case when stage = 'contract' and is_idex then 1 end) as idex_contracts,
        sum(case when stage = 'contract' and is_idex then value_inr end)
            as idex_contract_value_inr,
        count(case when stage = 'contract' and not is_idex then 1 end) as other_contracts,
        sum(case when stage = 'contract' and not is_idex then value_inr end)
            as other_contract_value_inr,
        count(case when stage = 'contract' and value_inr is not null then 1 end)
            as contracts_with_value,
        count(case when stage = 'product' then 1 end) as products,
        count(case when stage = 'transfer' then 1 end) as technology_transfers,
        count(case when stage = 'tdf_project' then 1 end) as tdf_projects,
        count(case when stage = 'test_facility' then 1 end) as test_facilities,
        count(case when stage = 'research_facility' then 1 end) as research_facilities
    from rows_to_count
    group by domain_level, technology_domain, period_level, fy_start_date, fy_label
)

select
    {{ stable_id([
        'counted.domain_level', 'counted.technology_domain', 'counted.period_level',
        'counted.fy_start_date',
    ]) }} as funnel_row_id,
    counted.domain_level,
    counted.technology_domain,
    coalesce(
        domains.domain_name,
        case counted.domain_level when 'not_stated' then 'Not stated' else 'All domains' end
    ) as domain_name,
    coalesce(domains.is_consultation_2025, false) as is_consultation_2025,
    counted.period_level,
    counted.fy_start_date,
    counted.fy_label,
    counted.challenges,
    counted.problem_statements,
    counted.awards,
    counted.idex_awards,
    counted.idex_contracts,
    counted.idex_contract_value_inr,
    counted.other_contracts,
    counted.other_contract_value_inr,
    counted.contracts_with_value,
    counted.products,
    counted.technology_transfers,
    counted.tdf_projects,
    counted.test_facilities,
    counted.research_facilities
from counted
left join domains on counted.technology_domain = domains.technology_domain
