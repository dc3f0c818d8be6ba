with vendors as (
    select * from {{ ref('dim_vendor') }}
),

domains as (
    select
        vendor_id,
        {{ dbt.listagg('technology_domain', "', '", 'order by technology_domain') }}
            as technology_domains
    from {{ ref('bridge_vendor_technology_domain') }}
    group by vendor_id
),

aliases as (
    select
        alias.vendor_id,
        count(distinct alias.vendor_name) as names,
        min(document.published_from) as first_published_on,
        max(document.published_from) as last_published_on
    from {{ ref('bridge_vendor_alias') }} as alias
    inner join {{ ref('dim_source_document') }} as document
        on alias.source_document_id = document.source_document_id
    where document.is_restricted is not true
    group by alias.vendor_id
),

products as (
    select
        vendor_id,
        count(distinct lower(product_name)) as products
    from {{ ref('fct_vendor_product') }}
    group by vendor_id
),

awards as (
    select
        vendor_id,
        count(*) as awards,
        sum(case when is_idex then 1 else 0 end) as idex_awards
    from {{ ref('fct_challenge_award') }}
    group by vendor_id
),

contractors as (
    select
        contract_id,
        vendor_id
    from {{ ref('bridge_innovation_contract_vendor') }}
    where vendor_id is not null
    group by contract_id, vendor_id
),

contracts as (
    select
        contractors.vendor_id,
        count(*) as contracts,
        sum(case when contract.is_idex then 1 else 0 end) as idex_contracts,
        sum(
            case when contract.contractors = 1 and contract.value_inr is not null then 1 else 0 end
        ) as contracts_valued,
        sum(case when contract.contractors = 1 then contract.value_inr end) as contract_value_inr
    from contractors
    inner join {{ ref('fct_innovation_contract') }} as contract
        on contractors.contract_id = contract.contract_id
    where not contract.is_planned
    group by contractors.vendor_id
),

transfers as (
    select
        vendor_id,
        count(*) as technology_transfers
    from {{ ref('fct_technology_transfer') }}
    where is_transfer
    group by vendor_id
),

projects as (
    select
        vendor_id,
        count(*) as tdf_projects
    from {{ ref('fct_tdf_project') }}
    group by vendor_id
),

facilities as (
    select
        vendor_id,
        count(distinct test_facility_id) as test_facilities
    from {{ ref('bridge_test_facility_vendor') }}
    group by vendor_id
),

deals as (
    select
        vendor_id,
        count(distinct deal_id) as export_deals
    from {{ ref('bridge_export_deal_exporter') }}
    group by vendor_id
),

memoranda as (
    select
        vendor_id,
        count(distinct memorandum_id) as memoranda
    from {{ ref('bridge_memorandum_party') }}
    group by vendor_id
),

events as (
    select
        vendor_id,
        count(distinct event_id) as events
    from {{ ref('fct_event_participation') }}
    where not is_sample
    group by vendor_id
),

units as (
    select
        vendor_id,
        count(*) as corridor_units
    from (
        select
            vendor_id,
            corridor,
            coalesce(node, '') as node
        from {{ ref('fct_corridor_unit') }}
        group by vendor_id, corridor, coalesce(node, '')
    ) as places
    group by vendor_id
)

select
    vendors.vendor_id,
    vendors.canonical_name,
    vendors.vendor_type,
    vendors.city,
    vendors.state_code,
    vendors.place_basis,
    domains.technology_domains,
    coalesce(aliases.names, 0) as names,
    vendors.registrations,
    coalesce(products.products, 0) as products,
    coalesce(awards.awards, 0) as awards,
    coalesce(awards.idex_awards, 0) as idex_awards,
    coalesce(contracts.contracts, 0) as contracts,
    coalesce(contracts.idex_contracts, 0) as idex_contracts,
    coalesce(contracts.contracts_valued, 0) as contracts_valued,
    contracts.contract_value_inr,
    coalesce(transfers.technology_transfers, 0) as technology_transfers,
    coalesce(projects.tdf_projects, 0) as tdf_projects,
    coalesce(facilities.test_facilities, 0) as test_facilities,
    coalesce(deals.export_deals, 0) as export_deals,
    coalesce(units.corridor_units, 0) as corridor_units,
    coalesce(memoranda.memoranda, 0) as memoranda,
    coalesce(events.events, 0) as events,
    aliases.first_published_on,
    aliases.last_published_on,
    vendors.known_from as first_known_at,
    vendors.source_document_id
from vendors
left join domains on vendors.vendor_id = domains.vendor_id
left join aliases on vendors.vendor_id = aliases.vendor_id
left join products on vendors.vendor_id = products.vendor_id
left join awards on vendors.vendor_id = awards.vendor_id
left join contracts on vendors.vendor_id = contracts.vendor_id
left join transfers on vendors.vendor_id = transfers.vendor_id
left join projects on vendors.vendor_id = projects.vendor_id
left join facilities on vendors.vendor_id = facilities.vendor_id
left join deals on vendors.vendor_id = deals.vendor_id
left join units on vendors.vendor_id = units.vendor_id
left join memoranda on vendors.vendor_id = memoranda.vendor_id
left join events on vendors.vendor_id = events.vendor_id
