with source as (
    select * from {{ source('staging', 'export_controls') }}
    where _known_to is null
)

select
    ml_code as scomet_code,
    parent,
    wassenaar_ml as munitions_category,
    short_description,
    licensing_authority,
    code_corroboration,
    note,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
