with events as (
    select * from {{ ref('stg_events') }}
),

dated as (
    select
        *,
        {{ partial_date_from('starts_on_stated') }} as held_from,
        {{ partial_date_to('coalesce(ends_on_stated, starts_on_stated)') }} as held_to,
        case length(starts_on_stated) when 10 then 'day' when 7 then 'month' when 4 then 'year' end
            as date_precision,
        {{ published_to() }} as published_to,
        'EV-' || split_part(event_id, '-', 2) as main_event_id
    from events
)

select
    dated.event_id,
    dated.name as event_name,
    dated.event_type,
    main_events.event_id as main_event_id,
    dated.organiser,
    dated.held_from,
    dated.held_to,
    dated.date_precision,
    coalesce(dated.published_to <= dated.held_from, false) as is_told_beforehand,
    dated.venue,
    dated.city,
    dated.state_code,
    coalesce(dated.venue = 'virtual', false) as is_online,
    dated.participants_count_stated as participants_stated,
    dated.officers_count_stated as officers_stated,
    dated.topics,
    dated.note,
    dated.source_url
from dated
left join events as main_events
    on
        dated.main_event_id = main_events.event_id
        and dated.event_id <> main_events.event_id
