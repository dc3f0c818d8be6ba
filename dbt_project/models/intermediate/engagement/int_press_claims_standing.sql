with claims as (
    select * from {{ ref('stg_press_claims') }}
),

releases as (
    select
        release_id,
        {{ day_in_india('published_at') }} as released_on,
        regexp_replace(concat_ws(' ', title, summary, body), '\s+', ' ', 'g') as release_text
    from {{ ref('stg_press_releases') }}
)

-- A sentence that a correction took out of its release claims nothing any more.
select
    {{ stable_id(['claims.release_id', 'claims.text_offset']) }} as press_claim_id,
    claims.release_id,
    claims.text_offset,
    claims.part,
    claims.sentence,
    claims.metric,
    claims.sector,
    claims.measure,
    claims.period,
    claims.unit,
    claims.value_stated,
    claims.value_high_stated,
    claims.half_unit,
    claims.bound,
    claims.bound_words,
    claims.status,
    claims.status_words,
    claims.stated_as,
    claims.also_stated_as,
    claims._load_id,
    claims._line,
    claims._known_from,
    releases.released_on
from claims
inner join releases
    on
        claims.release_id = releases.release_id
        and position(claims.sentence in releases.release_text) > 0
