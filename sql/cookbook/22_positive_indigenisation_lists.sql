-- How many items does each positive indigenisation list hold, and until when?
select
    list_name,
    issuer,
    item_count,
    notified_on_stated,
    deadline_stated,
    items_indigenised
from marts.dim_indigenisation_list
order by issuer asc, list_number asc;
