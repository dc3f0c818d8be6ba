with source as (
    select * from {{ source('staging', 'press_claims') }}
    where _known_to is null
)

select
    release_id,
    text_offset,
    part,
    sentence,
    metric,
    sector,
    measure,
    period,
    unit,
    value as value_stated,
    value_high as value_high_stated,
    half_unit,
    bound,
    bound_words,
    status,
    status_words,
    stated_as,
    also_stated_as,
    _load_id,
    _line,
    _known_from
from source
