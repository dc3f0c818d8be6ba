{%- set shown = [
    'canonical_name', 'vendor_type', 'city', 'state_code', 'place_basis', 'founded_year', 'website',
    'cin', 'registrations',
] -%}

with spells as (
    select * from {{ ref('int_vendor_versions_dated') }}
),

compared as (
    select
        *,
        {{ stable_id(shown) }} as content,
        lag({{ stable_id(shown) }}) over (
            partition by vendor_id
            order by known_from
        ) as content_before,
        lag(known_to) over (
            partition by vendor_id
            order by known_from
        ) as known_to_before
    from spells
),

numbered as (
    select
        *,
        sum(
            case when content = content_before and known_from = known_to_before then 0 else 1 end
        ) over (
            partition by vendor_id
            order by known_from
        ) as version_number
    from compared
),

ranked as (
    select
        *,
        row_number() over (
            partition by vendor_id, version_number
            order by known_from
        ) as spell_number,
        first_value(known_to) over (
            partition by vendor_id, version_number
            order by known_from desc
        ) as version_known_to
    from numbered
)

select
    {{ stable_id(['vendor_id', 'version_number']) }} as vendor_version_id,
    vendor_id,
    version_number,
    known_from,
    version_known_to as known_to,
    canonical_name,
    vendor_type,
    city,
    state_code,
    place_basis,
    founded_year,
    website,
    cin,
    registrations,
    {{ source_document_id() }} as source_document_id
from ranked
where spell_number = 1
