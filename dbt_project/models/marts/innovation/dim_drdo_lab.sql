with statements as (
    select
        *,
        {{ published_from() }} as published_from
    from {{ ref('stg_drdo_labs') }}
),

listed as (
    select
        acronym,
        source_url,
        count(distinct city) as cities
    from statements
    group by acronym, source_url
),

acronyms_of_several as (
    select acronym
    from listed
    group by acronym
    having max(cities) > 1
),

identified as (
    select
        statements.*,
        statements.acronym
        || case
            when acronyms_of_several.acronym is null then ''
            else coalesce(' ' || statements.city, '')
        end as lab_id
    from statements
    left join acronyms_of_several on statements.acronym = acronyms_of_several.acronym
),

ranked as (
    select
        *,
        row_number() over (
            partition by lab_id
            order by published_from desc nulls last, source_url desc
        ) as newest,
        row_number() over (
            partition by lab_id
            order by
                case when cluster is null then 1 else 0 end,
                published_from desc nulls last,
                source_url desc
        ) as newest_cluster
    from identified
),

latest as (
    select * from ranked
    where newest = 1
),

clusters as (
    select
        lab_id,
        cluster
    from ranked
    where newest_cluster = 1
),

older_cities as (
    select
        ranked.lab_id,
        ranked.city
    from ranked
    inner join latest on ranked.lab_id = latest.lab_id and ranked.city <> latest.city
    group by ranked.lab_id, ranked.city
),

cities as (
    select
        lab_id,
        {{ dbt.listagg('city', "'; '", 'order by city') }} as former_cities
    from older_cities
    group by lab_id
),

counted as (
    select
        lab_id,
        count(*) as statements
    from ranked
    group by lab_id
)

select
    latest.lab_id,
    latest.acronym,
    latest.lab_name,
    latest.city,
    cities.former_cities,
    latest.state_code,
    clusters.cluster,
    latest.note,
    counted.statements,
    {{ source_document_id('latest.source_url') }} as source_document_id
from latest
inner join clusters on latest.lab_id = clusters.lab_id
inner join counted on latest.lab_id = counted.lab_id
left join cities on latest.lab_id = cities.lab_id
