-- How did Uttar Pradesh's policy for defence and aerospace change, version by version?
select
    version_number,
    version,
    is_amendment,
    valid_from,
    valid_to,
    last_draft_on
from marts.dim_policy
where state_code = 'IN-UP' and sector_scope = 'aerospace_and_defence'
order by valid_from asc nulls first, version_number asc;
