with benchmarks as (
    select * from {{ ref('investment_benchmarks') }}
),

policies as (
    select * from {{ ref('dim_policy') }}
),

fiscal_years as (
    select * from {{ ref('dim_fiscal_year') }}
),

first_and_last as (
    select
        min(valid_from) as first_from,
        max(valid_from) as last_from
    from policies
),

days as (
    select
        fiscal_years.fy_start_date as on_date,
        max(fiscal_years.fy_start_date) over () as last_date
    from fiscal_years
    inner join first_and_last
        on
            fiscal_years.fy_start_date >= first_and_last.first_from
            and fiscal_years.fy_start_date
            < {{ dbt.dateadd('year', 1, 'first_and_last.last_from') }}
)

select
    benchmarks.benchmark || ' ' || days.on_date as case_id,
    benchmarks.benchmark,
    benchmarks.unit_category,
    cast(null as {{ dbt.type_string() }}) as zone,
    {{ crore_to_inr('benchmarks.investment_crore') }} as investment_inr,
    days.on_date,
    days.on_date = days.last_date as is_last_day
from benchmarks
cross join days
