{{ config(materialized="table") }}

with winners as (
    select
        *,
        {{ company_name_key('winner_vendor') }} as winner_key,
        {{ published_from() }} as published_from
    from {{ ref('stg_idex_winners') }}
),

names as (
    select * from {{ ref('challenge_names_reviewed') }}
),

challenges as (
    select
        challenge_id,
        max(case when is_idex then 1 else 0 end) = 1 as is_idex
    from {{ ref('int_challenges_stated') }}
    group by challenge_id
),

vendors as (
    select * from {{ ref('int_vendor_names_linked') }}
    where source_name = 'idex_winners' and role = 'challenge_winner'
),

matched as (
    select
        winners.*,
        challenges.challenge_id,
        challenges.is_idex,
        vendors.vendor_id,
        {{ stable_id([
            'coalesce(challenges.challenge_id, winners.challenge)',
            'lower(winners.problem_statement)', 'winners.winner_key',
        ]) }} as challenge_award_id
    from winners
    left join names on winners.challenge = names.challenge_name
    left join challenges
        on coalesce(names.challenge_id, winners.challenge) = challenges.challenge_id
    left join vendors
        on
            winners.winner_vendor = vendors.vendor_name
            and winners.source_url = vendors.source_url
),

ranked as (
    select
        *,
        min(won_on) over (partition by challenge_award_id) as first_won_on,
        count(*) over (partition by challenge_award_id) as statements,
        row_number() over (
            partition by challenge_award_id
            order by published_from nulls last, source_url
        ) as place
    from matched
)

select
    challenge_award_id,
    challenge_id,
    challenge as challenge_stated,
    is_idex,
    problem_statement,
    winner_vendor,
    winner_key,
    vendor_id,
    service,
    technology_domain,
    first_won_on as won_on,
    statements,
    note,
    source_url
from ranked
where place = 1
