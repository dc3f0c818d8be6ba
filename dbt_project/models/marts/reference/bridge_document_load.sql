with citations as (
    select * from {{ ref('int_documents_cited') }}
    where source_url is not null
)

select
    {{ source_document_id('source_url') }} as source_document_id,
    source_name,
    _load_id as load_id,
    min(_known_from) as fetched_at,
    count(*) as rows_brought,
    count(case when is_current then 1 end) as rows_current,
    max(case when is_restricted then 1 else 0 end) = 1 as is_restricted
from citations
group by source_url, source_name, _load_id
