-- Which DRDO laboratories have handed the most technologies to industry, and to how many firms?
select
    transfer.lab_stated,
    lab.lab_name,
    count(distinct transfer.technology_key) as technologies,
    count(distinct transfer.vendor_id) as companies
from marts.fct_technology_transfer as transfer
left join marts.dim_drdo_lab as lab on transfer.lab_id = lab.lab_id
where transfer.is_transfer and transfer.lab_stated is not null
group by transfer.lab_stated, lab.lab_name
order by technologies desc, companies desc, transfer.lab_stated asc;
