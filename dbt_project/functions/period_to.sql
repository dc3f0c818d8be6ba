with stated_last as (
    select regexp_replace(stated, '^.* to ', '') as point
),

spans as (
    select
        point,
        {{ called('is_fiscal') }}(point) as is_fiscal,
        cast(substring(point from '(\d{2})-\d{2}') as integer) as first_year,
        cast(substring(point from '\d{2}-(\d{2})') as integer) as last_year
    from stated_last
)

select
    case
        when not is_fiscal then {{ called('partial_date_to') }}(point)
        else cast(
            {{ dbt.dateadd(
                'month',
                "case substring(point from ' (..)$') "
                ~ "when 'Q1' then 3 when 'H1' then 6 when 'Q2' then 6 when 'Q3' then 9 "
                ~ "when 'H2' then 12 when 'Q4' then 12 "
                ~ "else 12 * mod(last_year - first_year + 100, 100) end",
                called('fy_start_date') ~ '(point)',
            ) }} as date
        )
    end
from spans
