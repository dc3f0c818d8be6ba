with lists as (
    select * from {{ ref('int_indigenisation_lists_ranked') }}
),

agreement as (
    select
        list_name,
        count(*) as publications,
        count(distinct item_count) > 1
        or count(distinct import_substitution_inr) > 1
        or count(distinct items_indigenised) > 1
        or max(notified_from) >= min(notified_to)
        or max(deadline_from) >= min(deadline_to)
        or max(case when note like 'CONFLICT%' then 1 else 0 end) = 1 as is_contradicted
    from lists
    group by list_name
)

select
    lists.list_name,
    lists.issuer,
    cast({{ dbt.split_part('lists.list_name', "'-'", 2) }} as integer) as list_number,
    lists.item_count,
    lists.notified_on_stated,
    lists.notified_from,
    lists.notified_to,
    lists.deadline_stated,
    lists.deadline_from,
    lists.deadline_to,
    lists.import_substitution_inr,
    lists.items_indigenised,
    agreement.publications,
    coalesce(agreement.is_contradicted, false) as is_contradicted,
    {{ source_document_id('lists.source_url') }} as source_document_id
from lists
inner join agreement on lists.list_name = agreement.list_name
where lists.preference = 1
