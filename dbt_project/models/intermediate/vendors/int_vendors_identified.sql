{{ config(materialized='table') }}

with recursive registered as (
    select * from {{ ref('int_vendor_names_succeeded') }}
),

current_registrations as (
    select * from {{ ref('stg_srijan_deep_vendors') }}
),

aliases as (
    select * from {{ ref('stg_vendor_aliases_history') }}
),

products as (
    select * from {{ ref('stg_srijan_deep_vendor_products') }}
),

decisions as (
    select * from {{ ref('vendor_name_decisions') }}
    where canonical_name is not null
),

lineages as (
    select
        canonical_name,
        canonical_name as first_name
    from registered
    where former_name is null
    union all
    select
        registered.canonical_name,
        lineages.first_name
    from registered
    inner join lineages on registered.former_name = lineages.canonical_name
),

names_in_use as (
    select
        canonical_name,
        first_known_at,
        0 as registrations
    from registered
    union all
    select
        canonical_name,
        _known_from as first_known_at,
        1 as registrations
    from current_registrations
    union all
    select
        canonical_name,
        _known_from as first_known_at,
        0 as registrations
    from aliases
    union all
    select
        canonical_name,
        _known_from as first_known_at,
        0 as registrations
    from products
),

names_decided as (
    select
        decisions.canonical_name,
        names_in_use.first_known_at,
        0 as registrations
    from names_in_use
    inner join decisions on names_in_use.canonical_name = decisions.name
),

names_known as (
    select * from names_in_use
    union all
    select * from names_decided
),

names as (
    select
        canonical_name,
        min(first_known_at) as first_known_at,
        sum(registrations) as registrations
    from names_known
    group by canonical_name
),

identified as (
    select
        names.canonical_name,
        names.first_known_at,
        names.registrations,
        decisions.name is not null as is_decided,
        coalesce(
            decided.first_name, decisions.canonical_name, lineages.first_name, names.canonical_name
        ) as first_name
    from names
    left join lineages on names.canonical_name = lineages.canonical_name
    left join decisions on names.canonical_name = decisions.name
    left join lineages as decided on decisions.canonical_name = decided.canonical_name
)

select
    canonical_name,
    first_name,
    {{ stable_id(['first_name']) }} as vendor_id,
    {{ company_name_key('canonical_name') }} as name_key,
    registrations > 0 as is_registered,
    is_decided,
    first_known_at
from identified
