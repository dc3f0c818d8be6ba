with parts as (
    select
        {{ called('normalised_company_name') }}(company_name) as words,
        {{ called('company_initials') }}(company_name) as initials,
        {{ called('company_stated_short_form') }}(company_name) as stated,
        case when is_canonical then {{ called('company_acronym') }}(company_name) end as acronym
)

select
    case
        when is_canonical or words like '% %'
            then array['name:' || {{ called('company_name_key') }}(company_name)]
        else '{}'
    end
    || coalesce({{ called('company_short_keys') }}(words), '{}')
    || array(select 'initials:' || letters from unnest(initials) as letters)
    || array_remove(array['initials:' || stated], null)
    || case when length(acronym) >= 4 then array['acronym:' || acronym] else '{}' end
from parts
