with statements as (
    select * from {{ ref('int_test_facilities_stated') }}
),

links as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'test_facilities'
),

named as (
    select
        test_facility_id,
        'consortium_leader' as role,
        lead_agency as vendor_name,
        source_url,
        published_from
    from statements
    union all
    select
        statements.test_facility_id,
        'consortium_member' as role,
        trim(names.vendor_name) as vendor_name,
        statements.source_url,
        statements.published_from
    from statements
    cross join {{ names_in('statements.consortium') }} as names (vendor_name)
),

ranked as (
    select
        named.*,
        links.vendor_id,
        row_number() over (
            partition by named.test_facility_id, named.role, named.vendor_name
            order by
                case when links.vendor_id is null then 1 else 0 end,
                named.published_from nulls last,
                named.source_url
        ) as place
    from named
    left join links
        on
            named.role = links.role
            and named.vendor_name = links.vendor_name
            and named.source_url = links.source_url
    where named.vendor_name <> '' and named.vendor_name <> 'private consortium members'
)

select
    test_facility_id,
    role,
    vendor_name,
    vendor_id,
    {{ source_document_id() }} as source_document_id
from ranked
where place = 1
