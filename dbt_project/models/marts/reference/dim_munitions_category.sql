with export_controls as (
    select * from {{ ref('stg_export_controls') }}
)

select
    munitions_category,
    scomet_code,
    cast(substring(munitions_category from 3) as integer) as list_position,
    short_description,
    licensing_authority,
    code_corroboration,
    code_corroboration like '%in the Defence EXIM portal FAQ' as is_code_confirmed,
    note,
    {{ source_document_id() }} as source_document_id
from export_controls
