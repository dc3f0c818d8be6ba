with stated as (
    select substring(company_name collate "C" from '^\s*(?:M/s\s+)?([A-Z]{3,10})\s*$') as letters
)

select letters collate "default"
from stated
