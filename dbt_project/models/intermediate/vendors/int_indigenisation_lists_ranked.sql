with lists as (
    select * from {{ ref('stg_indigenisation_lists') }}
),

dated as (
    select
        *,
        {{ published_from() }} as published_from
    from lists
)

select
    list_name,
    issuer,
    item_count,
    notified_on_stated,
    {{ partial_date_from('notified_on_stated') }} as notified_from,
    {{ partial_date_to('notified_on_stated') }} as notified_to,
    deadline as deadline_stated,
    {{ period_from('deadline') }} as deadline_from,
    {{ period_to('deadline') }} as deadline_to,
    {{ crore_to_inr('import_substitution_crore') }} as import_substitution_inr,
    items_indigenised_stated as items_indigenised,
    note,
    source_url,
    row_number() over (
        partition by list_name
        order by
            length(notified_on_stated) desc,
            length(deadline) desc nulls last,
            case when import_substitution_crore is null then 1 else 0 end asc,
            published_from desc nulls last,
            source_url asc
    ) as preference
from dated
