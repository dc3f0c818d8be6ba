with contracts as (
    select * from {{ ref('int_contracts_stated') }}
),

links as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'idex_contracts' and role = 'contractor'
),

named as (
    select
        contracts.contract_id,
        trim(names.vendor_name) as vendor_name,
        {{ company_name_key('trim(names.vendor_name)') }} as vendor_key,
        contracts.published_from,
        contracts.source_url
    from contracts
    cross join {{ names_in('contracts.vendor') }} as names (vendor_name)
),

ranked as (
    select
        named.*,
        links.vendor_id,
        row_number() over (
            partition by named.contract_id, named.vendor_key
            order by
                case when links.vendor_id is null then 1 else 0 end,
                named.published_from nulls last,
                named.source_url
        ) as place
    from named
    left join links
        on named.vendor_name = links.vendor_name and named.source_url = links.source_url
    where named.vendor_name <> ''
)

select
    contract_id,
    vendor_name,
    vendor_key,
    vendor_id,
    source_url,
    count(*) over (partition by contract_id) as contractors
from ranked
where place = 1
