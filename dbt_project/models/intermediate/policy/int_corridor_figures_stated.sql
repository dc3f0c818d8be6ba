with corridor_figures as (
    select
        'corridor_investment' as source_name,
        corridor,
        cast(null as text) as node,
        measure as stated_measure,
        as_of_on,
        value_stated,
        case
            when measure like '%_crore' then 'INR crore'
            when measure like '%_ha' then 'hectares'
            else 'count'
        end as stated_unit,
        stated_as,
        note,
        source_url,
        published_on,
        source_kind
    from {{ ref('stg_corridor_investment') }}
),

stats as (
    select
        'corridor_stats' as source_name,
        corridor,
        nullif(node, 'all') as node,
        indicator as stated_measure,
        as_of_on,
        value_stated,
        case when unit = 'hectare' then 'hectares' else unit end as stated_unit,
        cast(null as text) as stated_as,
        note,
        source_url,
        published_on,
        cast(null as text) as source_kind
    from {{ ref('stg_corridor_stats') }}
),

nodes as (
    select * from {{ ref('stg_corridor_nodes') }}
),

node_figures as (
    {%- for column, counted, unit in [
        ('land_hectares', 'land', 'hectares'),
        ('land_acres', 'land', 'acres'),
        ('companies', 'companies', 'count'),
        ('investment_crore', 'investment', 'INR crore'),
        ('jobs', 'jobs', 'count'),
    ] %}
    select
        'corridor_nodes' as source_name,
        corridor,
        node,
        '{{ counted }}_' || coalesce(land_basis, 'of_no_basis') as stated_measure,
        as_of_on,
        {{ column }} as value_stated,
        '{{ unit }}' as stated_unit,
        stated_as,
        cast(null as text) as note,
        source_url,
        published_on,
        source_kind
    from nodes
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from corridor_figures
union all
select * from stats
union all
select * from node_figures
