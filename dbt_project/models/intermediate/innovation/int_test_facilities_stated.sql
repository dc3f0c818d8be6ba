with facilities as (
    select * from {{ ref('stg_test_facilities') }}
)

select
    {{ stable_id(['domain', 'corridor']) }} as test_facility_id,
    domain as domain_stated,
    corridor,
    state_code,
    location_city,
    {{ crore_to_inr('cost_crore') }} as cost_inr,
    lead_agency,
    consortium,
    status,
    case status
        when 'consortium chosen' then 1
        when 'MoU signed' then 2
        when 'under construction' then 3
        when 'operational' then 4
    end as status_number,
    status_on,
    note,
    source_url,
    {{ published_from() }} as published_from
from facilities
