-- From challenge to contract: how far has innovation come in the eight domains of March 2025?
select
    domain_name,
    problem_statements,
    awards,
    idex_contracts,
    other_contracts,
    technology_transfers,
    tdf_projects
from marts.mart_innovation_funnel
where is_consultation_2025 and period_level = 'all_years'
order by domain_name;
