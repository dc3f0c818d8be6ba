-- Imports of which listed items end in or after 2026, and who needs them?
select
    list_name,
    item_name,
    needed_by,
    milestone,
    deadline_to
from marts.fct_indigenisation_item
where deadline_to > '2026-01-01'
order by deadline_to asc, list_name asc, item_name asc;
