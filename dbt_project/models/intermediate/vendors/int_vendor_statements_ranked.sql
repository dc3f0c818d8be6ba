{%- set text = dbt.type_string() -%}

with registrations as (
    select
        *,
        {{ published_from() }} as published_from
    from {{ ref('stg_srijan_deep_vendors') }}
),

locations as (
    select * from {{ ref('stg_srijan_deep_vendor_locations') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
),

statements as (
    select
        registration_id,
        'vendor_type' as attribute,
        vendor_type as value,
        vendor_type as compared_value,
        'compiler' as basis,
        cast(null as {{ text }}) as city,
        cast(null as {{ text }}) as state_code
    from registrations
    union all
    select
        registration_id,
        'founded_year' as attribute,
        cast(founded_year as {{ text }}) as value,
        cast(founded_year as {{ text }}) as compared_value,
        cast(null as {{ text }}) as basis,
        cast(null as {{ text }}) as city,
        cast(null as {{ text }}) as state_code
    from registrations
    union all
    select
        registration_id,
        'website' as attribute,
        website as value,
        regexp_replace(lower(website), '^(https?://)?(www\.)?|/+$', '', 'g') as compared_value,
        'source' as basis,
        cast(null as {{ text }}) as city,
        cast(null as {{ text }}) as state_code
    from registrations
    union all
    select
        registration_id,
        'cin' as attribute,
        cin as value,
        cin as compared_value,
        'source' as basis,
        cast(null as {{ text }}) as city,
        cast(null as {{ text }}) as state_code
    from registrations
    union all
    select
        registration_id,
        'place' as attribute,
        coalesce(city || ', ', '') || state_code as value,
        cast(null as {{ text }}) as compared_value,
        basis,
        city,
        state_code
    from locations
),

of_vendors as (
    select
        statements.*,
        identities.vendor_id,
        registrations.published_from,
        registrations.source_url
    from statements
    inner join registrations on statements.registration_id = registrations.registration_id
    inner join identities on registrations.canonical_name = identities.canonical_name
    where statements.value is not null
),

contradictions as (
    select
        vendor_id,
        attribute
    from of_vendors
    group by vendor_id, attribute
    having
        count(distinct compared_value) > 1
        or count(distinct state_code) > 1
        or count(distinct city) > 1
)

select
    of_vendors.registration_id,
    of_vendors.vendor_id,
    of_vendors.attribute,
    of_vendors.value,
    of_vendors.basis,
    of_vendors.city,
    of_vendors.state_code,
    of_vendors.published_from,
    of_vendors.source_url,
    row_number() over (
        partition by of_vendors.vendor_id, of_vendors.attribute
        order by
            {{ vendor_statement_order('of_vendors') | indent(8) }}
    ) as preference,
    contradictions.vendor_id is not null as is_contradicted
from of_vendors
left join contradictions
    on
        of_vendors.vendor_id = contradictions.vendor_id
        and of_vendors.attribute = contradictions.attribute
