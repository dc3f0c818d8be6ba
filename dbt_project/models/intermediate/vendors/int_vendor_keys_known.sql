{{ config(materialized='table') }}

with mentions as (
    select * from {{ ref('int_vendor_names_mentioned') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
),

products as (
    select * from {{ ref('stg_srijan_deep_vendor_products') }}
),

readings as (
    select
        mentions.vendor_name,
        mentions.source_url,
        identities.vendor_id
    from mentions
    inner join identities on mentions.canonical_name = identities.canonical_name
    union
    select
        products.canonical_name as vendor_name,
        products.source_url,
        identities.vendor_id
    from products
    inner join identities on products.canonical_name = identities.canonical_name
),

names_anywhere as (
    select
        vendor_name,
        vendor_id,
        {{ function('company_keys_known') }}(vendor_name, false) as keys
    from readings
    union
    select
        canonical_name as vendor_name,
        vendor_id,
        {{ function('company_keys_known') }}(canonical_name, true) as keys
    from identities
),

keys_anywhere as (
    select
        keys.key,
        names_anywhere.vendor_id
    from names_anywhere
    cross join {{ keys_in('names_anywhere.keys') }} as keys (key, place)
),

mentions_with_short_form as (
    select
        name_key,
        {{ function('company_stated_short_form') }}(vendor_name) as short_form
    from mentions
),

short_forms as (
    select
        'initials:' || mentions_with_short_form.short_form as key,
        min(keys_anywhere.vendor_id) as vendor_id
    from mentions_with_short_form
    inner join keys_anywhere on 'name:' || mentions_with_short_form.name_key = keys_anywhere.key
    where mentions_with_short_form.short_form is not null
    group by mentions_with_short_form.name_key, mentions_with_short_form.short_form
    having count(distinct keys_anywhere.vendor_id) = 1
),

published as (
    select
        source_url,
        vendor_id,
        {{ function('company_keys_in_publication') }}(vendor_name) as keys
    from readings
),

keys_in_publications as (
    select
        keys.key,
        published.source_url,
        published.vendor_id
    from published
    cross join {{ keys_in('published.keys') }} as keys (key, place)
),

all_keys as (
    select
        key,
        cast(null as {{ dbt.type_string() }}) as source_url,
        vendor_id
    from keys_anywhere
    union
    select
        key,
        cast(null as {{ dbt.type_string() }}) as source_url,
        vendor_id
    from short_forms
    union
    select
        key,
        source_url,
        vendor_id
    from keys_in_publications
),

companies as (
    select
        key,
        count(distinct vendor_id) as vendors_anywhere
    from all_keys
    group by key
)

select
    all_keys.key,
    all_keys.source_url,
    min(all_keys.vendor_id) as vendor_id,
    count(*) as vendors,
    max(companies.vendors_anywhere) as vendors_anywhere
from all_keys
inner join companies on all_keys.key = companies.key
group by all_keys.key, all_keys.source_url
