with versions as (
    select * from {{ ref('stg_policies_history') }}
),

compared as (
    {{ versions_compared('versions', ['policy_id'], [
        'state_code', 'title', 'version', 'status', 'supersedes', 'approved_on', 'notified_on',
        'effective_from', 'effective_to', 'validity_years', 'sector_scope', 'nodal_agency',
        'target_investment_crore', 'target_investment_usd_million', 'target_jobs', 'note',
        'stated_as', 'source_url', 'published_on', 'source_kind',
    ]) | indent }}
)

select
    {{ stable_id(['policy_id', 'extract(epoch from _known_from)']) }} as policy_history_id,
    policy_id,
    _known_from as known_from,
    _known_to as known_to,
    change,
    changed_columns,
    is_withdrawn,
    state_code,
    title,
    version,
    status,
    supersedes as supersedes_policy_id,
    approved_on,
    notified_on,
    effective_from,
    effective_to,
    validity_years,
    sector_scope,
    nodal_agency,
    {{ crore_to_inr('target_investment_crore') }} as target_investment_inr,
    target_investment_usd_million * 1000000 as target_investment_usd,
    target_jobs,
    note,
    stated_as,
    source_kind,
    {{ source_document_id() }} as source_document_id
from compared
