with registrations as (
    select * from {{ ref('stg_srijan_deep_vendors') }}
),

identities as (
    select * from {{ ref('int_vendors_identified') }}
)

select
    registrations.registration_id,
    identities.vendor_id,
    registrations.vendor_name,
    registrations.canonical_name,
    registrations.vendor_type,
    cast(registrations.founded_year as integer) as founded_year,
    registrations.website,
    registrations.cin,
    registrations.note,
    registrations._known_from as known_from,
    {{ source_document_id('registrations.source_url') }} as source_document_id
from registrations
inner join identities on registrations.canonical_name = identities.canonical_name
