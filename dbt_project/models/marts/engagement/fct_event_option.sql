with options as (
    select * from {{ ref('stg_partnership_day_options') }}
),

registrants as (
    select * from {{ ref('fct_event_participation') }}
    where role = 'registrant'
)

select
    options.option_no,
    options.event_id,
    registrants.participation_id,
    options.registration_no,
    registrants.participant_name,
    options.option_kind,
    options.package,
    options.amount_inr,
    options.booked_on,
    options.is_sample,
    {{ is_restricted('partnership_day_options') }}
    or coalesce(registrants.is_restricted, false) as is_restricted,
    {{ contract_document_id('partnership_day_options') }} as source_document_id
from options
left join registrants on options.registration_no = registrants.registration_no
