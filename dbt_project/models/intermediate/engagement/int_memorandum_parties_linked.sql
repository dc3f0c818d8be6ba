with memoranda as (
    select * from {{ ref('int_memoranda_stated') }}
),

vendors as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'mous' and role = 'party'
),

named as (
    select
        memoranda.memorandum_id,
        trim(names.party_name) as party_name,
        memoranda.source_url
    from memoranda
    cross join {{ names_in('memoranda.parties') }} as names (party_name)
)

select
    named.memorandum_id,
    named.party_name,
    max(vendors.vendor_id) as vendor_id,
    min(named.source_url) as source_url
from named
left join vendors
    on
        named.party_name = vendors.vendor_name
        and named.source_url = vendors.source_url
group by named.memorandum_id, named.party_name
