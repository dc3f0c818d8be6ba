with facilities as (
    select * from {{ ref('stg_research_infrastructure') }}
),

spellings as (
    select * from {{ ref('technology_domain_spellings') }}
),

owners as (
    select * from {{ ref('research_facility_owners') }}
),

agreements as (
    select
        party_b as owner,
        source_url,
        {{ partial_date_from('signed_on_stated') }} as signed_from,
        row_number() over (
            partition by party_b
            order by {{ partial_date_from('signed_on_stated') }} nulls last, source_url
        ) as place
    from {{ ref('stg_mous') }}
    where party_a = 'HQ Integrated Defence Staff'
)

select
    {{ stable_id(['facilities.facility', 'facilities.host_institution']) }}
        as research_infrastructure_id,
    facilities.facility,
    facilities.host_institution,
    facilities.facility_type,
    facilities.city,
    facilities.state_code,
    facilities.field as field_stated,
    spellings.technology_domain,
    owners.owner,
    agreements.signed_from as opened_from,
    {{ source_document_id('agreements.source_url') }} as agreement_document_id,
    facilities.note,
    {{ source_document_id('facilities.source_url') }} as source_document_id
from facilities
left join spellings on facilities.field = spellings.spelling
left join owners on facilities.facility_type = owners.facility_type
left join agreements on owners.owner = agreements.owner and agreements.place = 1
