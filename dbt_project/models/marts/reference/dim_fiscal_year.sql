with years as (
    {{ dbt.date_spine('year', "cast('1990-04-01' as date)", "cast('2040-04-01' as date)") }}
),

starts as (
    select cast(date_year as date) as fy_start_date
    from years
)

select
    fy_start_date,
    {{ fy_label_of('fy_start_date') }} as fy_label,
    cast({{ dbt.dateadd('year', 1, 'fy_start_date') }} as date) as fy_end_date,
    cast(extract(year from fy_start_date) as integer) + 1 as fy_end_year
from starts
