{{ config(materialized='table') }}

with mentions as (
    select * from {{ ref('int_vendor_names_mentioned') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
),

known_keys as (
    select * from {{ ref('int_vendor_keys_known') }}
),

decisions as (
    select
        decisions.name,
        identities.vendor_id
    from {{ ref('vendor_name_decisions') }} as decisions
    left join identities on decisions.canonical_name = identities.canonical_name
),

names as (
    select
        vendor_name,
        source_url,
        {{ function('company_keys_asked') }}(vendor_name) as keys_asked
    from mentions
    group by vendor_name, source_url
),

found as (
    select
        names.vendor_name,
        names.source_url,
        known_keys.vendor_id,
        case
            when known_keys.source_url is not null then 'same_publication'
            when asked.key like 'name:%' then 'normalised_name'
            when asked.key like 'short:%' then 'short_name'
            else 'initials'
        end as link_method,
        row_number() over (
            partition by names.vendor_name, names.source_url
            order by
                asked.place asc,
                case when known_keys.source_url is null then 1 else 0 end asc
        ) as preference
    from names
    cross join {{ keys_in('names.keys_asked') }} as asked (key, place)
    inner join known_keys
        on
            asked.key = known_keys.key
            and (
                known_keys.source_url is null
                or names.source_url = known_keys.source_url
            )
    where known_keys.vendors = 1
),

candidates as (
    select
        key,
        max(vendors_anywhere) as candidates
    from known_keys
    where key like 'name:%'
    group by key
),

linked as (
    select
        mentions.*,
        coalesce(candidates.candidates, 0) as candidates,
        case
            when mentions.canonical_name is not null then 'registry_reading'
            when decisions.name is not null then 'reviewed_decision'
            else found.link_method
        end as link_method,
        identities.vendor_id as read_vendor_id,
        decisions.vendor_id as decided_vendor_id,
        found.vendor_id as found_vendor_id
    from mentions
    left join identities on mentions.canonical_name = identities.canonical_name
    left join decisions on lower(mentions.vendor_name) = lower(decisions.name)
    left join found
        on
            mentions.vendor_name = found.vendor_name
            and mentions.source_url = found.source_url
            and found.preference = 1
    left join candidates on 'name:' || mentions.name_key = candidates.key
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
        else found_vendor_id
    end as vendor_id,
    link_method,
    candidates
from linked
