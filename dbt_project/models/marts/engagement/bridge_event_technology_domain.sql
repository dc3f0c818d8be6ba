with events as (
    select * from {{ ref('int_events_dated') }}
    where topics is not null
),

spellings as (
    select * from {{ ref('technology_domain_spellings') }}
    where technology_domain is not null
),

topics as (
    select
        event_id,
        source_url,
        topics as topic
    from events
    union
    select
        events.event_id,
        events.source_url,
        trim(parts.topic) as topic
    from events
    cross join {{ names_in('events.topics') }} as parts (topic)
)

select
    topics.event_id,
    spellings.technology_domain,
    min(topics.topic) as topic,
    {{ source_document_id('topics.source_url') }} as source_document_id
from topics
inner join spellings on topics.topic = spellings.spelling
group by topics.event_id, spellings.technology_domain, topics.source_url
