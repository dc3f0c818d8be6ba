with named as (
    select
        *,
        coalesce(vendor_id, {{ company_name_key('participant_name') }}) as participant_key
    from {{ ref('int_event_participants_named') }}
),

registrations as (
    select * from {{ ref('stg_partnership_day_registrations') }}
)

select
    {{ stable_id(['event_id', 'role', 'participant_key']) }} as participation_id,
    event_id,
    role,
    min(participant_name) as participant_name,
    vendor_id,
    cast(null as {{ dbt.type_string() }}) as registration_no,
    cast(null as {{ dbt.type_string() }}) as company_type,
    cast(null as {{ dbt.type_string() }}) as state_code,
    cast(null as date) as registered_on,
    cast(null as {{ dbt.type_string() }}) as products_of_interest,
    count(*) as statement_count,
    false as is_sample,
    false as is_restricted,
    min(source_document_id) as source_document_id
from named
group by event_id, role, participant_key, vendor_id
union all
select
    {{ stable_id(['event_id', "'registrant'", 'registration_no']) }} as participation_id,
    event_id,
    'registrant' as role,
    company_name as participant_name,
    cast(null as {{ dbt.type_string() }}) as vendor_id,
    registration_no,
    company_type,
    state_code,
    registered_on,
    products_of_interest,
    1 as statement_count,
    is_sample,
    {{ is_restricted('partnership_day_registrations') }} as is_restricted,
    {{ contract_document_id('partnership_day_registrations') }} as source_document_id
from registrations
