with statements as (
    select * from {{ ref('int_statements_combined') }}
),

printed as (
    select
        *,
        replace(substring(stated_as from '[0-9][0-9,]*(?:[.][0-9]+)?'), ',', '') as numeral,
        case
            when unit != 'INR' then 1
            when lower(stated_as) ~ '[0-9] *[(]?(lakh crore|trillion)' then 1000000000000
            when lower(stated_as) ~ '[0-9] *[(]?billion' then 1000000000
            else 10000000
        end as scale,
        coalesce(
            stated_as ~* '\m(about|around|approximately|approx|nearly|almost)\M'
            or note ~* '\m(rounded|approximate)\M',
            false
        ) as is_hedged
    from statements
),

digits as (
    select
        *,
        length(split_part(numeral, '.', 2)) as decimals,
        length(numeral) - length(rtrim(numeral, '0')) as zeros
    from printed
),

-- Zeros at the end of a whole number are taken for rounding when the text says so or when there
-- are two or more: 1,06,800 is known to the hundred, 1,50,590 to the unit.
places as (
    select
        *,
        case
            when decimals > 0 then -decimals
            when is_hedged or zeros >= 2 then zeros
            else 0
        end as last_place
    from digits
),

measured as (
    select
        *,
        case
            when cast(numeral as numeric) * scale = value
                then cast('1e' || last_place as numeric) * scale
        end as step
    from places
)

-- Publications round as often as they cut off: the true value lies within half a step of the
-- printed one, or anywhere in the step that begins (for a loss: ends) with it.
select
    statement_id,
    series,
    period_label,
    sector,
    measure,
    unit,
    value,
    trim_scale(step) as step,
    trim_scale(step * 0.5) as half_unit,
    trim_scale(value - step * case when value < 0 then 1 else 0.5 end) as lowest,
    trim_scale(value + step * case when value < 0 then 0.5 else 1 end) as highest,
    stated_as,
    status,
    note,
    source_url,
    published_on,
    published_on_approx,
    _known_from
from measured
