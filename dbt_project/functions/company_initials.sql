with plain as (
    select
        regexp_replace(
            regexp_replace(company_name collate "C", '\([^)]*\)|^\s*M/s\M', ' ', 'g'),
            '[.''’]', '', 'g'
        ) as name
),

variants as (
    select
        1 as place,
        name
    from plain
    union all
    select
        2 as place,
        regexp_replace(name, '([a-z])([A-Z])', '\1 \2', 'g') as name
    from plain
),

abbreviated as (
    select
        place,
        upper(
            regexp_replace(
                regexp_replace(
                    regexp_replace(lower(name), '[^a-z0-9]+', ' ', 'g'), '\mand\M', '', 'g'
                ),
                ' *([a-z0-9])[a-z0-9]* *', '\1', 'g'
            )
        ) as initials
    from variants
),

distinct_ones as (
    select
        initials,
        min(place) as place
    from abbreviated
    where length(initials) >= 3
    group by initials
)

select
    coalesce(
        array_agg(initials collate "default" order by place asc), '{}'
    )
from distinct_ones
