with events as (
    select * from {{ ref('int_events_dated') }}
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

told as (
    select
        event_id,
        count(*) as document_count
    from {{ ref('int_event_documents_united') }}
    group by event_id
)

select
    events.event_id,
    events.event_name,
    events.event_type,
    events.main_event_id,
    events.organiser,
    events.held_from,
    events.held_to,
    events.date_precision,
    years.fy_start_date,
    years.fy_label,
    events.is_told_beforehand,
    events.venue,
    events.city,
    events.state_code,
    events.is_online,
    events.participants_stated,
    events.officers_stated,
    events.topics,
    events.note,
    told.document_count,
    {{ source_document_id('events.source_url') }} as source_document_id
from events
inner join told on events.event_id = told.event_id
left join years
    on
        events.held_from >= years.fy_start_date
        and events.held_to <= years.fy_end_date
