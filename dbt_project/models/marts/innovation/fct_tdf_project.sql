with projects as (
    select * from {{ ref('stg_tdf_projects') }}
),

vendors as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'tdf_projects' and role = 'project_awardee'
)

select
    {{ stable_id(['projects.project']) }} as tdf_project_id,
    projects.project as project_name,
    projects.awardee as vendor_name,
    vendors.vendor_id,
    projects.technology_domain,
    projects.sanctioned_on,
    {{ fy_start_of('projects.sanctioned_on') }} as fy_start_date,
    {{ fy_label_of('projects.sanctioned_on') }} as fy_label,
    projects.note,
    {{ source_document_id('projects.source_url') }} as source_document_id
from projects
left join vendors
    on projects.awardee = vendors.vendor_name and projects.source_url = vendors.source_url
