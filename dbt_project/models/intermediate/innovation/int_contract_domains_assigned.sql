with contracts as (
    select
        contract_id,
        product
    from {{ ref('int_contracts_stated') }}
    group by contract_id, product
),

products as (
    select * from {{ ref('contract_products_reviewed') }}
),

awarded as (
    select * from {{ ref('int_contracts_awarded') }}
),

assigned as (
    select
        contract_id,
        technology_domain,
        0 as place
    from awarded
    where technology_domain is not null
    union all
    select
        contracts.contract_id,
        products.technology_domain,
        products.place
    from contracts
    inner join products on contracts.product = products.product
),

placed as (
    select
        contract_id,
        technology_domain,
        min(place) as place
    from assigned
    group by contract_id, technology_domain
)

select
    contract_id,
    technology_domain,
    row_number() over (partition by contract_id order by place, technology_domain) = 1 as is_main
from placed
