with parts as (
    select {{ called('normalised_company_name') }}(company_name) as words
)

select
    array['name:' || {{ called('company_name_key') }}(company_name)]
    || case
        when words like '% %'
            then
                array[
                    'first:' || {{ called('folded_company_name') }}(split_part(words, ' ', 1))
                ]
        else '{}'
    end
from parts
