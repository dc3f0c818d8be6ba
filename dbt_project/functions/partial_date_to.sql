select
    cast(
        case length(stated)
            when 4 then {{ dbt.dateadd('year', 1, "cast(stated || '-01-01' as date)") }}
            when 7 then {{ dbt.dateadd('month', 1, "cast(stated || '-01' as date)") }}
            else {{ dbt.dateadd('day', 1, 'cast(stated as date)') }}
        end as date
    )
