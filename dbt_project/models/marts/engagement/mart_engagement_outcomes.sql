with events as (
    select
        *,
        coalesce(main_event_id, event_id) as whole_event_id
    from {{ ref('dim_event') }}
    where held_to is not null
),

event_domains as (
    select * from {{ ref('bridge_event_technology_domain') }}
),

participations as (
    select
        *,
        coalesce(vendor_id, {{ company_name_key('participant_name') }}) as participant_key
    from {{ ref('fct_event_participation') }}
    where vendor_id is not null or is_sample
),

participants as (
    select
        event_id,
        participant_key,
        vendor_id,
        min(participant_name) as participant_name,
        {{ dbt.listagg('role', "', '", 'order by role') }} as roles,
        is_sample,
        is_restricted,
        case when is_restricted then participant_key || ' (restricted)' else participant_key end
            as outcome_key,
        min(source_document_id) as source_document_id
    from participations
    group by event_id, participant_key, vendor_id, is_sample, is_restricted
),

deeds as (
    select
        contractors.vendor_id as participant_key,
        'contract' as deed,
        contracts.contract_id as deed_id,
        contracts.technology_domain,
        contracts.contracted_from as happened_from,
        contracts.contracted_to as happened_to,
        cast(null as {{ dbt.type_string() }}) as whole_event_id,
        false as is_sample
    from {{ ref('fct_innovation_contract') }} as contracts
    inner join {{ ref('bridge_innovation_contract_vendor') }} as contractors
        on contracts.contract_id = contractors.contract_id
    where not contracts.is_planned
    union all
    select
        vendor_id as participant_key,
        'transfer' as deed,
        technology_transfer_id as deed_id,
        technology_domain,
        transferred_from as happened_from,
        transferred_to as happened_to,
        cast(null as {{ dbt.type_string() }}) as whole_event_id,
        false as is_sample
    from {{ ref('fct_technology_transfer') }}
    where is_transfer
    union all
    select
        parties.vendor_id as participant_key,
        'memorandum' as deed,
        memoranda.memorandum_id as deed_id,
        domains.technology_domain,
        memoranda.signed_from as happened_from,
        memoranda.signed_to as happened_to,
        coalesce(signed_at.main_event_id, memoranda.event_id) as whole_event_id,
        false as is_sample
    from {{ ref('fct_memorandum') }} as memoranda
    left join {{ ref('dim_event') }} as signed_at on memoranda.event_id = signed_at.event_id
    inner join {{ ref('bridge_memorandum_party') }} as parties
        on memoranda.memorandum_id = parties.memorandum_id
    left join {{ ref('bridge_memorandum_technology_domain') }} as domains
        on memoranda.memorandum_id = domains.memorandum_id
    union all
    select
        {{ company_name_key('exporter_name') }} as participant_key,
        'authorisation' as deed,
        authorisation_id as deed_id,
        cast(null as {{ dbt.type_string() }}) as technology_domain,
        issued_on as happened_from,
        cast({{ dbt.dateadd('day', 1, 'issued_on') }} as date) as happened_to,
        cast(null as {{ dbt.type_string() }}) as whole_event_id,
        is_sample
    from {{ ref('fct_export_authorisation') }}
),

-- What surely began after the last day of the event, surely ended within a year of it, and was not
-- itself a part of it (an event whose end is not stated may have gone on).
followed as (
    select
        participants.*,
        deeds.technology_domain,
        deeds.deed,
        deeds.deed_id,
        deeds.happened_from - events.held_to + 1 as days_at_least,
        deeds.happened_to - events.held_to as days_at_most
    from participants
    inner join events on participants.event_id = events.event_id
    left join deeds
        on
            participants.participant_key = deeds.participant_key
            and participants.is_sample = deeds.is_sample
            and events.whole_event_id is distinct from deeds.whole_event_id
            and events.held_to <= deeds.happened_from
            and cast({{ dbt.dateadd('year', 1, 'events.held_to') }} as date) >= deeds.happened_to
)

select
    {{ stable_id(['followed.event_id', 'followed.outcome_key', 'followed.technology_domain']) }}
        as engagement_outcome_id,
    followed.event_id,
    followed.vendor_id,
    followed.participant_name,
    followed.roles,
    followed.technology_domain,
    event_domains.technology_domain is not null as is_domain_of_event,
    count(distinct case when followed.deed = 'contract' then followed.deed_id end)
        as contracts_followed_within_a_year,
    count(distinct case when followed.deed = 'transfer' then followed.deed_id end)
        as transfers_followed_within_a_year,
    count(distinct case when followed.deed = 'memorandum' then followed.deed_id end)
        as memoranda_followed_within_a_year,
    count(distinct case when followed.deed = 'authorisation' then followed.deed_id end)
        as authorisations_followed_within_a_year,
    min(followed.days_at_least) as days_to_first_at_least,
    min(followed.days_at_most) as days_to_first_at_most,
    followed.is_sample,
    followed.is_restricted,
    followed.source_document_id
from followed
left join event_domains
    on
        followed.event_id = event_domains.event_id
        and followed.technology_domain = event_domains.technology_domain
group by
    followed.event_id,
    followed.outcome_key,
    followed.vendor_id,
    followed.participant_name,
    followed.roles,
    followed.technology_domain,
    event_domains.technology_domain,
    followed.is_sample,
    followed.is_restricted,
    followed.source_document_id
