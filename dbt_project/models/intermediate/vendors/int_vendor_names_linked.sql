{{ config(materialized='table') }}

with mentions as (
    select * from {{ ref('int_vendor_names_mentioned') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
),

decisions as (
    select
        decisions.name,
        identities.vendor_id
    from {{ ref('vendor_name_decisions') }} as decisions
    left join identities on decisions.canonical_name = identities.canonical_name
),

readings as (
    select
        mentions.source_url,
        mentions.name_key,
        identities.vendor_id,
        mentions.normalised_name like '% %' as is_valid_anywhere
    from mentions
    inner join identities on mentions.canonical_name = identities.canonical_name
    union all
    select
        cast(null as {{ dbt.type_string() }}) as source_url,
        name_key,
        vendor_id,
        true as is_valid_anywhere
    from identities
),

known_in_publication as (
    select
        source_url,
        name_key,
        min(vendor_id) as vendor_id
    from readings
    group by source_url, name_key
    having count(distinct vendor_id) = 1
),

known_anywhere as (
    select
        name_key,
        min(vendor_id) as vendor_id
    from readings
    where is_valid_anywhere
    group by name_key
    having count(distinct vendor_id) = 1
),

candidates as (
    select
        name_key,
        count(distinct vendor_id) as candidates
    from readings
    group by name_key
),

linked as (
    select
        mentions.*,
        coalesce(candidates.candidates, 0) as candidates,
        case
            when mentions.canonical_name is not null then 'registry_reading'
            when decisions.name is not null then 'reviewed_decision'
            when known_in_publication.vendor_id is not null then 'same_publication'
            when known_anywhere.vendor_id is not null then 'normalised_name'
        end as link_method,
        identities.vendor_id as read_vendor_id,
        decisions.vendor_id as decided_vendor_id,
        known_in_publication.vendor_id as published_vendor_id,
        known_anywhere.vendor_id as normalised_vendor_id
    from mentions
    left join identities on mentions.canonical_name = identities.canonical_name
    left join decisions on lower(mentions.vendor_name) = lower(decisions.name)
    left join known_in_publication
        on
            mentions.source_url = known_in_publication.source_url
            and mentions.name_key = known_in_publication.name_key
    left join known_anywhere on mentions.name_key = known_anywhere.name_key
    left join candidates on mentions.name_key = candidates.name_key
)

select
    source_name,
    role,
    vendor_name,
    source_url,
    published_from,
    rows_naming,
    normalised_name,
    case link_method
        when 'registry_reading' then read_vendor_id
        when 'reviewed_decision' then decided_vendor_id
        when 'same_publication' then published_vendor_id
        when 'normalised_name' then normalised_vendor_id
    end as vendor_id,
    link_method,
    candidates
from linked
