-- Which contracts were signed under iDEX, with whom, and for how much?
select
    contracted_from,
    vendor_name,
    product_name,
    round(value_inr / 10000000) as crore
from marts.fct_innovation_contract
where is_idex and not is_planned
order by contracted_from asc nulls last, vendor_name asc;
