with cases as (
    select * from {{ ref('int_benchmark_cases_set') }}
),

incentives as (
    select * from {{ ref('fct_policy_incentive') }}
),

project_classes as (
    select * from {{ ref('fct_policy_project_class') }}
),

unit_categories as (
    select * from {{ ref('bridge_unit_category') }}
),

estimated as (
    {{ incentives_estimated('cases', 'incentives', 'project_classes', 'unit_categories') | indent }}
)

select * from estimated
