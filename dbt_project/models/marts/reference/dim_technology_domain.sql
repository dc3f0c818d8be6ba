with domains as (
    select * from {{ ref('technology_domains') }}
),

spellings as (
    select * from {{ ref('technology_domain_spellings') }}
),

spelled as (
    select
        technology_domain,
        {{ dbt.listagg('spelling', "'; '", 'order by spelling') }} as spellings
    from spellings
    group by technology_domain
)

select
    domains.technology_domain,
    domains.domain_name,
    domains.is_consultation_2025,
    spelled.spellings
from domains
left join spelled on domains.technology_domain = spelled.technology_domain
