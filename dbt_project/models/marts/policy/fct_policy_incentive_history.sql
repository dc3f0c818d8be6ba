with versions as (
    select * from {{ ref('stg_policy_incentives_history') }}
),

compared as (
    {{ versions_compared(
        'versions',
        [
            'policy_id', 'incentive_type', 'unit_category', 'zone', 'base', 'conditions',
            'cap_basis', 'source_url',
        ],
        [
            'rate_percent', 'rate_percent_max', 'rate_other', 'cap_crore', 'period_years',
            'stated_as', 'published_on', 'source_kind',
        ],
    ) | indent }}
),

identified as (
    select
        *,
        {{ stable_id([
            'policy_id', 'incentive_type', 'unit_category', 'zone', 'base', 'conditions',
            'cap_basis', 'source_url',
        ]) }} as policy_incentive_id
    from compared
)

select
    {{ stable_id(['policy_incentive_id', 'extract(epoch from _known_from)']) }}
        as policy_incentive_history_id,
    policy_incentive_id,
    _known_from as known_from,
    _known_to as known_to,
    change,
    changed_columns,
    is_withdrawn,
    policy_id,
    incentive_type,
    unit_category,
    zone,
    rate_percent,
    rate_percent_max,
    rate_other,
    {{ crore_to_inr('cap_crore') }} as cap_inr,
    cap_basis,
    period_years,
    base,
    conditions,
    stated_as,
    source_kind,
    {{ source_document_id() }} as source_document_id
from identified
