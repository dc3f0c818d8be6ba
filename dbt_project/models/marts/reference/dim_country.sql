with countries as (
    select * from {{ ref('iso_countries') }}
)

select
    iso3,
    iso2,
    m49_code,
    country_name,
    region,
    subregion
from countries
