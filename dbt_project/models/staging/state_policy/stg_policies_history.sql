with source as (
    select * from {{ source('staging', 'policies') }}
)

select
    policy_id,
    state_code,
    title,
    version,
    status,
    supersedes,
    approved_on,
    notified_on,
    effective_from,
    effective_to,
    validity_years,
    sector_scope,
    nodal_agency,
    target_investment_crore,
    target_investment_usd_million,
    target_jobs,
    note,
    stated_as,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from,
    _known_to
from source
