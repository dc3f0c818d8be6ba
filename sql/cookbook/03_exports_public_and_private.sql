-- How much of India's defence exports, in crore, do public undertakings and private firms make?
select
    fy_label,
    round(max(value_inr) filter (where sector = 'total') / 10000000) as total,
    round(max(value_inr) filter (where sector = 'dpsu') / 10000000) as public_sector,
    round(max(value_inr) filter (where sector = 'private') / 10000000) as private_sector
from marts.fct_export
where measure = 'value' and scope = 'headline'
group by fy_label
order by fy_label desc;
