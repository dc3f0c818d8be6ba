-- How much of what India's defence industry produces is exported?
select
    fy_label,
    share_of_production_percent,
    authorisations,
    destinations
from marts.mart_export_performance
where sector = 'total' and share_of_production_percent is not null
order by fy_label desc;
