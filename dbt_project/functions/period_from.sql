with stated_first as (
    select split_part(stated, ' to ', 1) as point
)

select
    case
        when not {{ called('is_fiscal') }}(point) then {{ called('partial_date_from') }}(point)
        else cast(
            {{ dbt.dateadd(
                'month',
                "case substring(point from ' (..)$') "
                ~ "when 'Q2' then 3 when 'H2' then 6 when 'Q3' then 6 when 'Q4' then 9 else 0 end",
                called('fy_start_date') ~ '(point)',
            ) }} as date
        )
    end
from stated_first
