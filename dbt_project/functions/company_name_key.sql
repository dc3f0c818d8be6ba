with folded as (
    select
        {{ called('folded_company_name') }}(
            {{ called('normalised_company_name') }}(company_name)
        ) as letters
)

select coalesce(letters, lower(company_name collate "C")) collate "default"
from folded
