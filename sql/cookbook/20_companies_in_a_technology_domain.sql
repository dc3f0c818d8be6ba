-- Which companies make drones and unmanned systems, and where are they?
select
    vendor.canonical_name,
    vendor.vendor_type,
    vendor.city,
    state.state_name,
    domain.products
from marts.bridge_vendor_technology_domain as domain
inner join marts.dim_vendor as vendor on domain.vendor_id = vendor.vendor_id
left join marts.dim_state as state on vendor.state_code = state.state_code
where domain.technology_domain = 'drones'
order by domain.products desc, vendor.canonical_name asc;
