{{ config(materialized="table") }}

with standing as (
    select * from {{ ref('int_press_claims_standing') }}
),

official as (
    select * from {{ ref('int_official_figures_united') }}
),

claims as (
    select
        *,
        case status
            when 'target' then 'target'
            when 'expected' then 'expected'
            else 'stated'
        end as kind,
        -- A target "by 2029" is to be met in the fiscal year that ends in 2029.
        case
            when status = 'target' and period ~ '^[0-9]{4}$'
                then
                    (cast(period as integer) - 1) || '-'
                    || substring(period from 3 for 2)
            else period
        end as period_label,
        case
            when bound = 'upper' then null
            else value_stated - half_unit * case when value_stated < 0 then 2 else 1 end
        end as lowest,
        case
            when bound = 'lower' then null
            else
                coalesce(value_high_stated, value_stated)
                + half_unit * case when value_stated < 0 then 1 else 2 end
        end as highest,
        sector not in ('company', 'node')
        and status <> 'part_year'
        and (
            period is not null
            or metric in (
                'licences', 'licensed_companies', 'msmes', 'startups', 'contracts', 'transfers',
                'mous', 'jobs', 'items_indigenised', 'items_listed', 'investment',
                'potential_investment', 'fdi', 'exporters', 'destinations'
            )
        ) as is_comparable,
        -- Which list or year is counted is not said: another count contradicts nothing.
        period is null
        and metric in (
            'items_indigenised', 'items_listed', 'transfers', 'exporters', 'destinations'
        )
            as is_of_unnamed_scope
    from standing
),

-- A count as of a day has no period of its own: it is compared with every count of its metric.
candidates as (
    select
        claims.press_claim_id,
        claims.released_on,
        official.official_series,
        official.official_figure_id,
        official.known_from,
        official.known_to,
        official.last_stated_on,
        abs(official.value - claims.value_stated) as distance,
        official.scope = 'headline' as is_headline,
        (claims.highest is null or claims.highest > official.lowest)
        and (claims.lowest is null or claims.lowest < official.highest) as is_agreeing,
        official.known_from <= claims.released_on as is_known_then,
        official.known_from <= claims.released_on
        and (official.known_to is null or claims.released_on < official.known_to)
            as is_standing_then
    from claims
    inner join official
        on
            claims.metric = official.metric
            and claims.sector = official.sector
            and claims.measure = official.measure
            and claims.unit = official.unit
            and (
                claims.kind = official.kind
                or claims.metric = 'jobs'
                or (
                    claims.kind in ('target', 'expected')
                    and official.kind in ('target', 'expected')
                )
            )
            and (
                claims.period_label = official.period_label
                or (
                    official.period_label is null
                    and (
                        claims.period_label is null
                        or (claims.period_label like 'since %' and claims.metric <> 'fdi')
                    )
                )
                or (claims.period_label is null and claims.metric in ('exporters', 'destinations'))
            )
    where claims.is_comparable
),

judged as (
    select
        press_claim_id,
        bool_or(is_agreeing and is_known_then) as has_agreeing_then,
        bool_or(is_agreeing) as has_agreeing,
        bool_or(is_headline and is_known_then) as has_known_then,
        bool_or(is_headline and (known_from > released_on or last_stated_on > released_on))
            as is_gone_on_after
    from candidates
    group by press_claim_id
),

-- The figure shown: one that agrees, else the one that stood on the day; the headline first.
ranked as (
    select
        *,
        row_number() over (
            partition by press_claim_id
            order by
                case when is_agreeing then 0 else 1 end,
                case when is_known_then then 0 else 1 end,
                case when is_headline then 0 else 1 end,
                case when is_standing_then then 0 else 1 end,
                distance,
                abs(released_on - known_from),
                official_figure_id
        ) as place
    from candidates
)

select
    claims.press_claim_id,
    claims.release_id,
    claims.text_offset,
    claims.part,
    claims.sentence,
    claims.released_on,
    claims.metric,
    claims.sector,
    claims.measure,
    claims.period_label,
    claims.unit,
    claims.value_stated as value,
    claims.value_high_stated as value_high,
    claims.half_unit,
    claims.bound,
    claims.bound_words,
    claims.status,
    claims.status_words,
    claims.stated_as,
    claims.also_stated_as,
    case
        when not claims.is_comparable then 'not_comparable'
        when judged.press_claim_id is null then 'no_official_series'
        when judged.has_agreeing_then then 'agrees'
        when claims.is_of_unnamed_scope and judged.has_agreeing then 'agrees'
        when claims.is_of_unnamed_scope then 'not_comparable'
        when judged.has_agreeing and judged.has_known_then then 'revises'
        when judged.has_agreeing then 'agrees'
        when judged.has_known_then and not judged.is_gone_on_after then 'revises'
        else 'contradicts'
    end as verdict,
    ranked.official_series,
    ranked.official_figure_id,
    ranked.is_standing_then as is_official_standing_then
from claims
left join judged on claims.press_claim_id = judged.press_claim_id
left join ranked
    on
        claims.press_claim_id = ranked.press_claim_id
        and ranked.place = 1
        and (ranked.is_agreeing or not claims.is_of_unnamed_scope)
