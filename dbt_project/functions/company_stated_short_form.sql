with stated as (
    select
        substring(company_name collate "C" from '\(([A-Z]{3,10})\)') as letters,
        {{ called('normalised_company_name') }}(company_name) || ' private limited' as words
)

select
    case
        when
            words collate "C" ~ ('^' || regexp_replace(lower(letters), '(.)', '\1.*', 'g'))
            then letters collate "default"
    end
from stated
