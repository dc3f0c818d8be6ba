select
    cast(
        case
            when label ~ '^(FY)?\d{4}-\d{2}( (H[12]|Q[1-4]))?$'
                then substring(replace(label, 'FY', '') from 1 for 4) || '-04-01'
            else label || ' is no fiscal year'
        end as date
    )
