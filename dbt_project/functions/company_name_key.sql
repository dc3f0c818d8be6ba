with folded as (
    select
        {{ function('folded_company_name').include(database=false) }}(
            {{ function('normalised_company_name').include(database=false) }}(company_name)
        ) as letters
)

select coalesce(letters, lower(company_name collate "C")) collate "default"
from folded
