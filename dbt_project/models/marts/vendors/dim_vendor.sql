with identities as (
    select * from {{ ref('int_vendors_identified') }}
),

statements as (
    select * from {{ ref('int_vendor_statements_ranked') }}
),

mentions as (
    select * from {{ ref('int_vendor_names_linked') }}
),

products as (
    select
        identities.vendor_id,
        products.source_url,
        {{ published_from('products.published_on', 'products.published_on_approx') }}
            as published_from
    from {{ ref('stg_srijan_deep_vendor_products') }} as products
    inner join identities on products.canonical_name = identities.canonical_name
),

names as (
    select
        vendor_id,
        canonical_name,
        first_name,
        row_number() over (
            partition by vendor_id
            order by
                case when is_registered then 0 else 1 end asc,
                case when is_decided then 1 else 0 end asc,
                first_known_at desc,
                canonical_name asc
        ) as preference,
        min(first_known_at) over (partition by vendor_id) as known_from
    from identities
),

attributes as (
    select
        vendor_id,
        max(case when attribute = 'vendor_type' then value end) as vendor_type,
        max(case when attribute = 'vendor_type' then source_url end) as vendor_type_url,
        max(case when attribute = 'place' then city end) as city,
        max(case when attribute = 'place' then state_code end) as state_code,
        max(case when attribute = 'place' then basis end) as place_basis,
        max(case when attribute = 'place' then source_url end) as place_url,
        max(case when attribute = 'founded_year' then cast(value as integer) end) as founded_year,
        max(case when attribute = 'founded_year' then source_url end) as founded_year_url,
        max(case when attribute = 'website' then value end) as website,
        max(case when attribute = 'website' then source_url end) as website_url,
        max(case when attribute = 'cin' then value end) as cin,
        max(case when attribute = 'cin' then source_url end) as cin_url,
        max(case when is_contradicted then 1 else 0 end) = 1 as has_contradictions
    from statements
    where preference = 1
    group by vendor_id
),

evidence as (
    select
        vendor_id,
        vendor_name,
        role,
        published_from,
        source_url
    from mentions
    where vendor_id is not null
    union all
    select
        vendor_id,
        cast(null as {{ dbt.type_string() }}) as vendor_name,
        'product' as role,
        published_from,
        source_url
    from products
),

documents as (
    select
        vendor_id,
        source_url,
        row_number() over (
            partition by vendor_id
            order by
                case role when 'registrant' then 0 when 'alias' then 1 else 2 end asc,
                published_from desc nulls last,
                source_url asc
        ) as preference
    from evidence
),

counts as (
    select
        vendor_id,
        count(distinct vendor_name) as spellings,
        sum(case when role = 'registrant' then 1 else 0 end) as registrations,
        sum(case when role = 'product' then 1 else 0 end) as products,
        count(distinct source_url) as documents
    from evidence
    group by vendor_id
)

select
    names.vendor_id,
    names.canonical_name,
    attributes.vendor_type,
    {{ source_document_id('attributes.vendor_type_url') }} as vendor_type_source_document_id,
    attributes.city,
    attributes.state_code,
    attributes.place_basis,
    {{ source_document_id('attributes.place_url') }} as place_source_document_id,
    attributes.founded_year,
    {{ source_document_id('attributes.founded_year_url') }} as founded_year_source_document_id,
    attributes.website,
    {{ source_document_id('attributes.website_url') }} as website_source_document_id,
    attributes.cin,
    {{ source_document_id('attributes.cin_url') }} as cin_source_document_id,
    coalesce(attributes.has_contradictions, false) as has_contradictions,
    counts.registrations,
    counts.spellings,
    counts.products,
    counts.documents,
    names.first_name as first_canonical_name,
    names.known_from,
    {{ source_document_id('documents.source_url') }} as source_document_id
from names
inner join counts on names.vendor_id = counts.vendor_id
inner join documents
    on
        names.vendor_id = documents.vendor_id
        and documents.preference = 1
left join attributes on names.vendor_id = attributes.vendor_id
where names.preference = 1
