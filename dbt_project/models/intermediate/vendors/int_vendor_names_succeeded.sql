with versions as (
    select * from {{ ref('stg_srijan_deep_vendors_history') }}
),

names as (
    select
        canonical_name,
        min(_known_from) as first_known_at
    from versions
    group by canonical_name
),

readings as (
    select
        registration_id,
        canonical_name,
        _known_from,
        lag(canonical_name) over (
            partition by registration_id
            order by _known_from
        ) as former_name
    from versions
),

births as (
    select
        readings.former_name,
        readings.canonical_name,
        names.first_known_at,
        count(*) as registrations
    from readings
    inner join names
        on
            readings.canonical_name = names.canonical_name
            and readings._known_from = names.first_known_at
    where readings.former_name <> readings.canonical_name
    group by readings.former_name, readings.canonical_name, names.first_known_at
),

renames as (
    select births.*
    from births
    left join versions as still
        on
            births.former_name = still.canonical_name
            and births.first_known_at >= still._known_from
            and (births.first_known_at < still._known_to or still._known_to is null)
    where still.canonical_name is null
),

ranked as (
    select
        renames.former_name,
        renames.canonical_name,
        row_number() over (
            partition by renames.former_name
            order by
                renames.first_known_at asc,
                renames.registrations desc,
                renames.canonical_name asc
        ) as place_among_heirs,
        row_number() over (
            partition by renames.canonical_name
            order by former.first_known_at, renames.former_name
        ) as place_among_former_names
    from renames
    inner join names as former on renames.former_name = former.canonical_name
)

select
    names.canonical_name,
    names.first_known_at,
    ranked.former_name
from names
left join ranked
    on
        names.canonical_name = ranked.canonical_name
        and ranked.place_among_heirs = 1
        and ranked.place_among_former_names = 1
