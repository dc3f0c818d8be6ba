with lists as (
    select * from {{ ref('int_indigenisation_lists_ranked') }}
)

select
    {{ stable_id(['list_name', 'source_url']) }} as list_statement_id,
    list_name,
    item_count,
    notified_on_stated,
    notified_from,
    notified_to,
    deadline_stated,
    deadline_from,
    deadline_to,
    import_substitution_inr,
    items_indigenised,
    preference = 1 as is_chosen,
    note,
    {{ source_document_id() }} as source_document_id
from lists
