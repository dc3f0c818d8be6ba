with claims as (
    select * from {{ ref('int_press_claims_compared') }}
),

official as (
    select * from {{ ref('int_official_figures_united') }}
),

releases as (
    select * from {{ ref('fct_press_release') }}
),

years as (
    select * from {{ ref('dim_fiscal_year') }}
)

select
    claims.press_claim_id,
    claims.release_id,
    claims.released_on,
    claims.part,
    claims.text_offset,
    claims.sentence,
    claims.metric,
    claims.sector,
    claims.measure,
    claims.period_label,
    years.fy_start_date,
    years.fy_label,
    case when claims.unit = 'INR' then claims.value end as value_inr,
    case when claims.unit = 'USD' then claims.value end as value_usd,
    case when claims.unit = 'percent' then claims.value end as value_percent,
    case when claims.unit = 'count' then claims.value end as value_count,
    claims.value_high,
    claims.half_unit,
    claims.bound,
    claims.bound_words,
    claims.status,
    claims.status_words,
    claims.stated_as,
    claims.also_stated_as,
    row_number() over (
        partition by
            claims.release_id,
            claims.metric,
            claims.sector,
            claims.measure,
            claims.period_label,
            claims.unit,
            claims.value,
            claims.value_high
        order by claims.text_offset
    ) > 1 as is_repeat,
    claims.verdict,
    claims.official_series,
    claims.official_figure_id,
    claims.is_official_standing_then,
    official.scope as official_scope,
    official.period_label as official_period_label,
    official.value as official_value,
    official.stated_as as official_stated_as,
    official.known_from as official_known_from,
    official.known_to as official_known_to,
    official.source_document_id as official_source_document_id,
    releases.is_sample,
    releases.source_document_id
from claims
inner join releases on claims.release_id = releases.release_id
left join official
    on
        claims.official_series = official.official_series
        and claims.official_figure_id = official.official_figure_id
        and claims.metric = official.metric
        and claims.sector = official.sector
left join years
    on substring(claims.period_label from '^[0-9]{4}-[0-9]{2}(?= Q| H|$)') = years.fy_label
