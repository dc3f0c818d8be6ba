with source as (
    select * from {{ source('staging', 'idex_contracts') }}
    where _known_to is null
)

select
    contract_ordinal,
    contract_kind,
    vendor,
    product,
    buyer,
    date as contracted_on_stated,
    value_crore,
    note,
    is_idex,
    source_url,
    published_on,
    published_on_approx,
    publisher,
    _load_id,
    _line,
    _known_from
from source
