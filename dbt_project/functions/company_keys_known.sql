with parts as (
    select
        {{ function('normalised_company_name').include(database=false) }}(company_name) as words,
        {{ function('company_initials').include(database=false) }}(company_name) as initials,
        {{ function('company_stated_short_form').include(database=false) }}(company_name) as stated,
        case when is_canonical then {{ function('company_acronym').include(database=false) }}(company_name) end as acronym
)

select
    case
        when is_canonical or words like '% %'
            then array['name:' || {{ function('company_name_key').include(database=false) }}(company_name)]
        else '{}'
    end
    || coalesce({{ function('company_short_keys').include(database=false) }}(words), '{}')
    || array(select 'initials:' || letters from unnest(initials) as letters)
    || array_remove(array['initials:' || stated], null)
    || case when length(acronym) >= 4 then array['acronym:' || acronym] else '{}' end
from parts
