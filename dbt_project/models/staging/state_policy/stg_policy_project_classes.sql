with source as (
    select * from {{ source('staging', 'policy_project_classes') }}
    where _known_to is null
)

select
    policy_id,
    project_class,
    sector,
    min_investment_crore,
    max_investment_crore,
    min_jobs,
    investment_period_years,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
