with contracts as (
    select * from {{ ref('stg_idex_contracts') }}
)

select
    {{ stable_id([
        'contract_kind', company_name_key('vendor'), 'lower(product)', 'lower(buyer)',
        'contracted_on_stated', 'contract_ordinal',
    ]) }} as contract_id,
    contract_ordinal,
    contract_kind,
    vendor,
    product,
    buyer,
    is_idex,
    contract_kind = 'planned procurement' as is_planned,
    contracted_on_stated,
    {{ partial_date_from('contracted_on_stated') }} as contracted_from,
    {{ partial_date_to('contracted_on_stated') }} as contracted_to,
    {{ crore_to_inr('value_crore') }} as value_inr,
    case when value_crore is not null then substring(note from '\m(more than|approximate)\M') end
        as value_qualifier,
    note,
    source_url,
    {{ published_from() }} as published_from
from contracts
