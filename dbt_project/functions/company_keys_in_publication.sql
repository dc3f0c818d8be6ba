with parts as (
    select {{ function('normalised_company_name').include(database=false) }}(company_name) as words
)

select
    array['name:' || {{ function('company_name_key').include(database=false) }}(company_name)]
    || case
        when words like '% %'
            then
                array[
                    'first:' || {{ function('folded_company_name').include(database=false) }}(split_part(words, ' ', 1))
                ]
        else '{}'
    end
from parts
