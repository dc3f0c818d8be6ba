with stated_first as (
    select split_part(stated, ' to ', 1) as point
)

select
    case
        when not {{ function('is_fiscal').include(database=false) }}(point) then {{ function('partial_date_from').include(database=false) }}(point)
        else cast(
            {{ dbt.dateadd(
                'month',
                "case substring(point from ' (..)$') "
                ~ "when 'Q2' then 3 when 'H2' then 6 when 'Q3' then 6 when 'Q4' then 9 else 0 end",
                function('fy_start_date').include(database=false) ~ '(point)',
            ) }} as date
        )
    end
from stated_first
