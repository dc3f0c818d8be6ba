-- Which headline figures of production and exports were revised, and by how much?
with vintages as (
    select
        'production' as subject,
        fy_label,
        vintage_number,
        value_inr,
        known_from
    from marts.fct_production_revision
    where sector = 'total' and measure = 'value' and scope = 'headline'
    union all
    select
        'exports' as subject,
        fy_label,
        vintage_number,
        value_inr,
        known_from
    from marts.fct_export_revision
    where sector = 'total' and measure = 'value' and scope = 'headline'
)

select
    later.subject,
    later.fy_label,
    round(earlier.value_inr / 10000000, 2) as from_crore,
    round(later.value_inr / 10000000, 2) as to_crore,
    later.known_from as revised_on,
    round(100 * (later.value_inr / earlier.value_inr - 1), 2) as change_percent
from vintages as later
inner join vintages as earlier
    on
        later.subject = earlier.subject and later.fy_label = earlier.fy_label
        and later.vintage_number = earlier.vintage_number + 1
order by abs(later.value_inr / earlier.value_inr - 1) desc;
