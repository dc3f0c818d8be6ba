with nodes as (
    select * from {{ ref('stg_corridor_nodes') }}
),

first_statements as (
    select
        node,
        corridor,
        state_code,
        source_url,
        row_number() over (
            partition by node
            order by as_of_on nulls last, source_url
        ) as place
    from nodes
),

districts as (
    select
        node,
        district
    from nodes
    group by node, district
),

district_lists as (
    select
        node,
        {{ dbt.listagg('district', "'; '", 'order by district') }} as districts
    from districts
    group by node
)

select
    first_statements.node,
    first_statements.corridor,
    first_statements.state_code,
    district_lists.districts,
    {{ source_document_id('first_statements.source_url') }} as source_document_id
from first_statements
inner join district_lists on first_statements.node = district_lists.node
where first_statements.place = 1
