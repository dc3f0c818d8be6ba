with events as (
    select
        *,
        {{ source_document_id() }} as source_document_id
    from {{ ref('int_events_dated') }}
),

documents as (
    select * from {{ ref('int_event_documents_united') }}
),

organisers as (
    select
        events.event_id,
        'organiser' as role,
        trim(names.organiser_name) as participant_name,
        events.source_url,
        events.source_document_id
    from events
    cross join {{ names_in('events.organiser') }} as names (organiser_name)
),

organisers_linked as (
    select
        organisers.event_id,
        organisers.role,
        organisers.participant_name,
        vendors.vendor_id,
        organisers.source_document_id
    from organisers
    left join {{ ref('int_vendor_names_linked') }} as vendors
        on
            vendors.source_name = 'events'
            and vendors.role = 'organiser'
            and organisers.participant_name = vendors.vendor_name
            and organisers.source_url = vendors.source_url
),

signatories as (
    select
        memoranda.event_id,
        'signatory' as role,
        parties.party_name as participant_name,
        parties.vendor_id,
        parties.source_document_id
    from {{ ref('bridge_memorandum_party') }} as parties
    inner join {{ ref('fct_memorandum') }} as memoranda
        on parties.memorandum_id = memoranda.memorandum_id
    where memoranda.event_id is not null
),

-- What a page that tells of an event dates to its days happened there.
told_with_an_event as (
    select
        'licensee' as role,
        technology_transfer_id as fact_id,
        vendor_name,
        vendor_id,
        transferred_from as happened_from,
        transferred_to as happened_to,
        source_document_id
    from {{ ref('fct_technology_transfer') }}
    where is_transfer and vendor_name is not null
    union all
    select
        'contractor' as role,
        contracts.contract_id as fact_id,
        contractors.vendor_name,
        contractors.vendor_id,
        contracts.contracted_from as happened_from,
        contracts.contracted_to as happened_to,
        contracts.source_document_id
    from {{ ref('fct_innovation_contract') }} as contracts
    inner join {{ ref('bridge_innovation_contract_vendor') }} as contractors
        on contracts.contract_id = contractors.contract_id
),

placed as (
    select
        told_with_an_event.role,
        told_with_an_event.vendor_name,
        told_with_an_event.vendor_id,
        told_with_an_event.source_document_id,
        events.event_id,
        row_number() over (
            partition by
                told_with_an_event.role,
                told_with_an_event.fact_id,
                told_with_an_event.vendor_name
            order by events.held_to - events.held_from, events.event_id
        ) as place
    from told_with_an_event
    inner join documents
        on told_with_an_event.source_document_id = documents.source_document_id
    inner join events
        on
            documents.event_id = events.event_id
            and told_with_an_event.happened_from >= events.held_from
            and told_with_an_event.happened_to <= events.held_to
)

select
    event_id,
    role,
    participant_name,
    vendor_id,
    source_document_id
from organisers_linked
union all
select
    event_id,
    role,
    participant_name,
    vendor_id,
    source_document_id
from signatories
union all
select
    event_id,
    role,
    vendor_name as participant_name,
    vendor_id,
    source_document_id
from placed
where place = 1
