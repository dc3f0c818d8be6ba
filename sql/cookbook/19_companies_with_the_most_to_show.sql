-- Which companies have had both an award or contract and a transfer of technology or project?
select
    canonical_name,
    vendor_type,
    awards,
    contracts,
    technology_transfers,
    tdf_projects,
    export_deals
from marts.mart_vendor_360
where awards + contracts > 0 and technology_transfers + tdf_projects > 0
order by canonical_name;
