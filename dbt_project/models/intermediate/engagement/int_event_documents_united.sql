with documents as (
    select
        event_id,
        source_url
    from {{ ref('stg_events') }}
    union
    select
        event_id,
        source_url
    from {{ ref('stg_event_meetings') }}
    union
    select
        event_id,
        source_url
    from {{ ref('stg_mous') }}
)

select
    event_id,
    source_url,
    {{ source_document_id() }} as source_document_id
from documents
where event_id is not null
