with parts as (
    select
        {{ called('normalised_company_name') }}(company_name) as words,
        {{ called('company_initials') }}(company_name) as initials,
        {{ called('company_stated_short_form') }}(company_name) as stated,
        {{ called('company_acronym') }}(company_name) as acronym
)

select
    array['name:' || {{ called('company_name_key') }}(company_name)]
    || array_remove(array['name:' || {{ called('company_name_key') }}(stated)], null)
    || coalesce({{ called('company_short_keys') }}(words), '{}')
    || array_remove(array['initials:' || acronym], null)
    || array(
        select 'acronym:' || letters
        from unnest(initials) as letters
        where acronym is null
    )
    || case
        when words not like '% %'
            then array['first:' || {{ called('folded_company_name') }}(words)]
        else '{}'
    end
from parts
