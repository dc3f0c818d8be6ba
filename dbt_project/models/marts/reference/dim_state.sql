with states as (
    select * from {{ ref('stg_states') }}
)

select
    state_code,
    name as state_name,
    state_type,
    former_state_code,
    capital,
    zonal_council,
    gst_state_code,
    lgd_state_code,
    census2011_code,
    ad_policy_coverage,
    {{ source_document_id() }} as source_document_id
from states
