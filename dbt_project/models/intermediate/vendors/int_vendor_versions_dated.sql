{%- set text = dbt.type_string() -%}

with identities as (
    select * from {{ ref('int_vendors_identified') }}
),

registrations as (
    select
        versions.*,
        identities.vendor_id,
        identities.is_decided,
        identities.first_known_at,
        {{ published_from('versions.published_on', 'versions.published_on_approx') }}
            as published_from
    from {{ ref('stg_srijan_deep_vendors_history') }} as versions
    inner join identities on versions.canonical_name = identities.canonical_name
),

locations as (
    select * from {{ ref('stg_srijan_deep_vendor_locations_history') }}
),

registered as (
    select vendor_id from registrations
    group by vendor_id
),

aliases_of_unregistered as (
    select
        versions.*,
        identities.vendor_id,
        identities.is_decided,
        identities.first_known_at,
        {{ published_from('versions.published_on', 'versions.published_on_approx') }}
            as published_from
    from {{ ref('stg_vendor_aliases_history') }} as versions
    inner join identities on versions.canonical_name = identities.canonical_name
    left join registered on identities.vendor_id = registered.vendor_id
    where registered.vendor_id is null
),

names as (
    select
        vendor_id,
        1 as registrations,
        canonical_name,
        is_decided,
        first_known_at,
        published_from,
        source_url,
        _known_from,
        _known_to
    from registrations
    union all
    select
        vendor_id,
        0 as registrations,
        canonical_name,
        is_decided,
        first_known_at,
        published_from,
        source_url,
        _known_from,
        _known_to
    from aliases_of_unregistered
),

statements as (
    {% for attribute, basis in [
        ('vendor_type', "'compiler'"), ('founded_year', 'null'), ('website', "'source'"),
        ('cin', "'source'"),
    ] %}
    select
        vendor_id,
        registration_id,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as {{ text }}) as value,
        cast({{ basis }} as {{ text }}) as basis,
        cast(null as {{ text }}) as city,
        cast(null as {{ text }}) as state_code,
        published_from,
        _known_from,
        _known_to
    from registrations
    where {{ attribute }} is not null
    union all
    {% endfor %}
    select
        registrations.vendor_id,
        registrations.registration_id,
        'place' as attribute,
        coalesce(locations.city || ', ', '') || locations.state_code as value,
        locations.basis,
        locations.city,
        locations.state_code,
        registrations.published_from,
        greatest(registrations._known_from, locations._known_from) as _known_from,
        least(registrations._known_to, locations._known_to) as _known_to
    from registrations
    inner join locations
        on
            registrations.registration_id = locations.registration_id
            and (
                registrations._known_to is null or registrations._known_to > locations._known_from
            )
            and (
                locations._known_to is null or registrations._known_from < locations._known_to
            )
),

moments as (
    select
        vendor_id,
        _known_from as known_from
    from names
    union
    select
        vendor_id,
        _known_to as known_from
    from names
    union
    select
        vendor_id,
        _known_from as known_from
    from statements
    union
    select
        vendor_id,
        _known_to as known_from
    from statements
),

spells as (
    select
        vendor_id,
        known_from,
        lead(known_from) over (
            partition by vendor_id
            order by known_from
        ) as known_to
    from moments
    where known_from is not null
),

named as (
    select
        spells.vendor_id,
        spells.known_from,
        spells.known_to,
        names.canonical_name,
        names.source_url,
        sum(names.registrations) over (
            partition by spells.vendor_id, spells.known_from
        ) as registrations,
        row_number() over (
            partition by spells.vendor_id, spells.known_from
            order by
                names.registrations desc,
                case when names.is_decided then 1 else 0 end asc,
                names.first_known_at desc,
                names.canonical_name asc,
                names.published_from desc nulls last,
                names.source_url asc
        ) as preference
    from spells
    inner join names
        on
            spells.vendor_id = names.vendor_id
            and spells.known_from >= names._known_from
            and (names._known_to is null or spells.known_from < names._known_to)
),

chosen as (
    select
        spells.vendor_id,
        spells.known_from,
        statements.attribute,
        statements.value,
        statements.basis,
        statements.city,
        statements.state_code,
        row_number() over (
            partition by spells.vendor_id, spells.known_from, statements.attribute
            order by
                {{ vendor_statement_order('statements') | indent(8) }}
        ) as preference
    from spells
    inner join statements
        on
            spells.vendor_id = statements.vendor_id
            and spells.known_from >= statements._known_from
            and (statements._known_to is null or spells.known_from < statements._known_to)
),

attributes as (
    select
        vendor_id,
        known_from,
        max(case when attribute = 'vendor_type' then value end) as vendor_type,
        max(city) as city,
        max(state_code) as state_code,
        max(case when attribute = 'place' then basis end) as place_basis,
        max(case when attribute = 'founded_year' then cast(value as integer) end) as founded_year,
        max(case when attribute = 'website' then value end) as website,
        max(case when attribute = 'cin' then value end) as cin
    from chosen
    where preference = 1
    group by vendor_id, known_from
)

select
    named.vendor_id,
    named.known_from,
    named.known_to,
    named.canonical_name,
    attributes.vendor_type,
    attributes.city,
    attributes.state_code,
    attributes.place_basis,
    attributes.founded_year,
    attributes.website,
    attributes.cin,
    named.registrations,
    named.source_url
from named
left join attributes
    on
        named.vendor_id = attributes.vendor_id
        and named.known_from = attributes.known_from
where named.preference = 1
