with releases as (
    select
        *,
        {{ day_in_india('published_at') }} as released_on
    from {{ ref('stg_press_releases') }}
),

claims as (
    select
        release_id,
        count(*) as claim_count
    from {{ ref('int_press_claims_standing') }}
    group by release_id
)

select
    releases.release_id,
    releases.published_at as released_at,
    releases.released_on,
    {{ fy_start_of('releases.released_on') }} as fy_start_date,
    {{ fy_label_of('releases.released_on') }} as fy_label,
    releases.ministry,
    releases.title as headline,
    releases.summary,
    releases.body,
    releases.link,
    coalesce(claims.claim_count, 0) as claim_count,
    {{ contracts()['press_releases'].is_sample }} as is_sample,
    {{ contract_document_id('press_releases') }} as source_document_id
from releases
left join claims on releases.release_id = claims.release_id
