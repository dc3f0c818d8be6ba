with parts as (
    select
        {{ function('normalised_company_name').include(database=false) }}(company_name) as words,
        {{ function('company_initials').include(database=false) }}(company_name) as initials,
        {{ function('company_stated_short_form').include(database=false) }}(company_name) as stated,
        {{ function('company_acronym').include(database=false) }}(company_name) as acronym
)

select
    array['name:' || {{ function('company_name_key').include(database=false) }}(company_name)]
    || array_remove(array['name:' || {{ function('company_name_key').include(database=false) }}(stated)], null)
    || coalesce({{ function('company_short_keys').include(database=false) }}(words), '{}')
    || array_remove(array['initials:' || acronym], null)
    || array(
        select 'acronym:' || letters
        from unnest(initials) as letters
        where acronym is null
    )
    || case
        when words not like '% %'
            then array['first:' || {{ function('folded_company_name').include(database=false) }}(words)]
        else '{}'
    end
from parts
