with meetings as (
    select * from {{ ref('stg_partnership_day_meetings') }}
),

registrants as (
    select * from {{ ref('fct_event_participation') }}
    where role = 'registrant'
)

select
    meetings.meeting_no,
    meetings.event_id,
    meetings.meeting_type,
    registrants.participation_id,
    meetings.registration_no,
    registrants.participant_name,
    meetings.counterpart as counterpart_name,
    others.participation_id as counterpart_participation_id,
    meetings.meeting_on as met_on,
    {{ moment_in_india('meetings.meeting_on', "split_part(meetings.slot, '-', 1)") }} as begins_at,
    {{ moment_in_india('meetings.meeting_on', "split_part(meetings.slot, '-', 2)") }} as ends_at,
    meetings.agenda,
    meetings.outcome,
    meetings.is_sample,
    {{ is_restricted('partnership_day_meetings') }}
    or coalesce(registrants.is_restricted, false)
    or coalesce(others.is_restricted, false) as is_restricted,
    {{ contract_document_id('partnership_day_meetings') }} as source_document_id
from meetings
left join registrants on meetings.registration_no = registrants.registration_no
left join registrants as others
    on meetings.counterpart_registration_no = others.registration_no
