with statements as (
    select * from {{ ref('int_test_facilities_stated') }}
),

vendors as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'test_facilities' and role = 'consortium_leader'
),

spellings as (
    select * from {{ ref('technology_domain_spellings') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by test_facility_id
            order by
                status_number desc,
                status_on desc nulls last,
                case when cost_inr is null then 1 else 0 end asc,
                published_from asc nulls last,
                source_url asc
        ) as place
    from statements
),

histories as (
    select
        test_facility_id,
        min(case when status_number = 1 then status_on end) as consortium_chosen_on,
        min(case when status_number = 2 then status_on end) as mou_signed_on,
        min(case when status_number = 3 then status_on end) as construction_known_on,
        min(case when status_number = 4 then status_on end) as operational_on,
        case when min(cost_inr) = max(cost_inr) then min(cost_inr) end as cost_inr,
        count(distinct location_city) > 1 as is_city_disputed,
        count(*) as statements
    from statements
    group by test_facility_id
)

select
    ranked.test_facility_id,
    ranked.domain_stated,
    spellings.technology_domain,
    ranked.corridor,
    ranked.state_code,
    ranked.location_city,
    histories.is_city_disputed,
    ranked.lead_agency as lead_vendor_name,
    vendors.vendor_id as lead_vendor_id,
    ranked.status,
    histories.consortium_chosen_on,
    histories.mou_signed_on,
    histories.construction_known_on,
    histories.operational_on,
    {{ fy_start_of('histories.mou_signed_on') }} as fy_start_date,
    {{ fy_label_of('histories.mou_signed_on') }} as fy_label,
    histories.cost_inr,
    histories.statements,
    ranked.note,
    {{ source_document_id('ranked.source_url') }} as source_document_id
from ranked
inner join histories on ranked.test_facility_id = histories.test_facility_id
left join spellings on ranked.domain_stated = spellings.spelling
left join vendors
    on ranked.lead_agency = vendors.vendor_name and ranked.source_url = vendors.source_url
where ranked.place = 1
