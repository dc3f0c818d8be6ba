-- Under which names do publications speak of one and the same company?
select
    vendor.canonical_name,
    count(distinct alias.vendor_name) as names,
    string_agg(distinct alias.vendor_name, ' | ') as spelled
from marts.dim_vendor as vendor
inner join marts.bridge_vendor_alias as alias on vendor.vendor_id = alias.vendor_id
group by vendor.canonical_name
having count(distinct alias.vendor_name) > 2
order by names desc, vendor.canonical_name asc;
