with memoranda as (
    select * from {{ ref('fct_memorandum') }}
),

spellings as (
    select * from {{ ref('technology_domain_spellings') }}
    where technology_domain is not null
)

select
    memoranda.memorandum_id,
    spellings.technology_domain,
    memoranda.source_document_id
from memoranda
inner join spellings on memoranda.subject = spellings.spelling
