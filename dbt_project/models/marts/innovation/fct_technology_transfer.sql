with transfers as (
    select
        *,
        {{ partial_date_from('transferred_on_stated') }} as transferred_from,
        {{ partial_date_to('transferred_on_stated') }} as transferred_to,
        {{ published_from() }} as published_from
    from {{ ref('stg_technology_transfers') }}
),

labs as (
    select
        acronym,
        min(lab_id) as lab_id
    from {{ ref('dim_drdo_lab') }}
    group by acronym
    having count(*) = 1
),

centres as (
    select
        facility_type || ' ' || host_institution as centre,
        min(research_infrastructure_id) as research_infrastructure_id
    from {{ ref('fct_research_infrastructure') }}
    group by facility_type, host_institution
    having count(*) = 1
),

vendors as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'technology_transfers' and role = 'licensee'
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
),

identified as (
    select
        transfers.*,
        vendors.vendor_id,
        labs.lab_id,
        centres.research_infrastructure_id,
        {{ stable_id([
            'lower(transfers.technology)', company_name_key('transfers.licensee_vendor'),
            'transfers.transferred_on_stated',
        ]) }} as technology_transfer_id
    from transfers
    left join labs on transfers.lab = labs.acronym
    left join centres on transfers.lab = centres.centre
    left join vendors
        on
            transfers.licensee_vendor = vendors.vendor_name
            and transfers.source_url = vendors.source_url
),

ranked as (
    select
        *,
        count(*) over (partition by technology_transfer_id) as statements,
        row_number() over (
            partition by technology_transfer_id
            order by published_from nulls last, source_url
        ) as place
    from identified
)

select
    ranked.technology_transfer_id,
    ranked.technology,
    lower(ranked.technology) as technology_key,
    coalesce(ranked.note not like '%not ToT%', true) as is_transfer,
    ranked.lab as lab_stated,
    ranked.lab_id,
    ranked.research_infrastructure_id,
    ranked.licensee_vendor as vendor_name,
    ranked.vendor_id,
    ranked.technology_domain,
    ranked.transferred_from,
    ranked.transferred_to,
    years.fy_start_date,
    years.fy_label,
    ranked.statements,
    ranked.note,
    {{ source_document_id('ranked.source_url') }} as source_document_id
from ranked
left join years
    on
        ranked.transferred_from >= years.fy_start_date
        and ranked.transferred_to <= years.fy_end_date
where ranked.place = 1
