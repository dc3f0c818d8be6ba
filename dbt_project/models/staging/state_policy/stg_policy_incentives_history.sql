with source as (
    select * from {{ source('staging', 'policy_incentives') }}
)

select
    incentive_id,
    policy_id,
    incentive_type,
    unit_category,
    zone,
    rate_percent,
    rate_percent_max,
    rate_other,
    cap_crore,
    cap_basis,
    period_years,
    base,
    conditions,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from,
    _known_to
from source
