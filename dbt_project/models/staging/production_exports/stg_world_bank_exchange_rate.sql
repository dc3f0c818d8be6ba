with source as (
    select * from {{ source('staging', 'world_bank_exchange_rate') }}
    where _known_to is null
)

select
    indicator_id,
    indicator_name,
    country_iso2,
    country_name,
    country_iso3,
    calendar_year,
    inr_per_usd,
    unit,
    obs_status,
    decimal_places,
    _load_id,
    _line,
    _known_from
from source
