select
    cast(
        stated || case length(stated) when 4 then '-01-01' when 7 then '-01' else '' end as date
    )
