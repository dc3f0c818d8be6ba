with project_classes as (
    select * from {{ ref('stg_policy_project_classes') }}
),

policies as (
    select * from {{ ref('dim_policy') }}
)

select
    {{ stable_id([
        'project_classes.policy_id', 'project_classes.project_class', 'project_classes.sector',
        'project_classes.source_url',
    ]) }} as policy_project_class_id,
    project_classes.policy_id,
    policies.state_code,
    project_classes.project_class,
    project_classes.sector,
    {{ crore_to_inr('project_classes.min_investment_crore') }} as min_investment_inr,
    {{ crore_to_inr('project_classes.max_investment_crore') }} as max_investment_inr,
    project_classes.min_jobs,
    project_classes.investment_period_years,
    count(*) over (
        partition by
            project_classes.policy_id, project_classes.project_class, project_classes.sector
    ) > 1 as is_disputed,
    project_classes.stated_as,
    project_classes.source_kind,
    {{ source_document_id('project_classes.source_url') }} as source_document_id
from project_classes
left join policies on project_classes.policy_id = policies.policy_id
