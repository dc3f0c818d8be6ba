with citations as (
    select * from {{ ref('int_documents_cited') }}
    where source_url is not null
),

-- Rows of the past tell of a document only when no current row does: what was corrected is over.
rows_beside as (
    select
        *,
        max(case when is_current then 1 else 0 end) over (
            partition by source_url
        ) as has_current
    from citations
),

telling as (
    select * from rows_beside
    where is_current or has_current = 0
),

publications as (
    select * from {{ ref('stg_publications') }}
),

publisher_spellings as (
    select
        source_url,
        publisher,
        row_number() over (
            partition by source_url
            order by count(*) desc, publisher
        ) as place
    from telling
    where publisher is not null
    group by source_url, publisher
),

first_seen as (
    select
        source_url,
        min(_known_from) as first_seen_at
    from citations
    group by source_url
),

documents as (
    select
        source_url,
        min(published_on) as published_on,
        max(published_on) as last_published_on,
        min(published_on_approx) as published_on_approx,
        min(case when is_sample then 1 else 0 end) = 1 as is_sample,
        min(case when is_restricted then 1 else 0 end) = 1 as is_restricted,
        count(case when is_current and source_name <> 'publications' then 1 end) as rows_citing
    from telling
    group by source_url
)

select
    {{ source_document_id('documents.source_url') }} as source_document_id,
    documents.source_url as url,
    {{ dbt.split_part('documents.source_url', "'/'", 3) }} as host,
    publisher_spellings.publisher,
    publications.headline_topic as topic,
    documents.published_on,
    case when documents.published_on is null then documents.published_on_approx end
        as published_on_approx,
    {{ published_from('documents.published_on', 'documents.published_on_approx') }}
        as published_from,
    {{ published_to('documents.published_on', 'documents.published_on_approx') }} as published_to,
    documents.published_on < documents.last_published_on as is_date_disputed,
    first_seen.first_seen_at,
    documents.is_sample,
    documents.is_restricted,
    documents.rows_citing
from documents
inner join first_seen on documents.source_url = first_seen.source_url
left join publisher_spellings
    on
        documents.source_url = publisher_spellings.source_url
        and publisher_spellings.place = 1
left join publications on documents.source_url = publications.source_url
