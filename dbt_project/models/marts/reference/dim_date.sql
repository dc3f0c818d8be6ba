with days as (
    {{ dbt.date_spine('day', "cast('2000-04-01' as date)", "cast('2040-04-01' as date)") }}
),

dates as (
    select
        cast(date_day as date) as date_day,
        {{ fy_start_of('date_day') }} as fy_start_date,
        cast(extract(month from {{ dbt.dateadd('month', -3, 'date_day') }}) as integer)
            as fiscal_month
    from days
)

select
    date_day,
    cast(extract(year from date_day) as integer) as calendar_year,
    cast(extract(quarter from date_day) as integer) as calendar_quarter,
    cast(extract(month from date_day) as integer) as month_number,
    {{ month_name('date_day') }} as month_name,
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
    cast(extract(day from date_day) as integer) as day_of_month,
    cast({{ day_of_week('date_day') }} as integer) as day_of_week,
    {{ day_name('date_day') }} as day_name,
    fy_start_date,
    {{ fy_label_of('date_day') }} as fy_label,
    (fiscal_month + 2) / 3 as fiscal_quarter,
    {{ fy_label_of('date_day') }} || ' Q' || (fiscal_month + 2) / 3 as fiscal_quarter_label,
    fiscal_month
from dates
