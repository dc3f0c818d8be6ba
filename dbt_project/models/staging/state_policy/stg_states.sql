with source as (
    select * from {{ source('staging', 'states') }}
    where _known_to is null
)

select
    state_code,
    former_state_code,
    name,
    type as state_type,
    capital,
    zone as zonal_council,
    gst_state_code,
    lgd_state_code,
    census2011_code,
    ad_policy_coverage,
    stated_as,
    note,
    source_url,
    published_on,
    source_kind,
    _load_id,
    _line,
    _known_from
from source
