with contracts as (
    select * from {{ ref('int_contracts_stated') }}
    where is_idex
),

contractors as (
    select * from {{ ref('int_contract_vendors_linked') }}
),

awards as (
    select * from {{ ref('int_challenge_awards_matched') }}
    where is_idex
),

pairs as (
    select
        contracts.contract_id,
        awards.challenge_award_id,
        awards.technology_domain
    from contracts
    inner join contractors on contracts.contract_id = contractors.contract_id
    inner join awards
        on
            (
                contractors.vendor_id = awards.vendor_id
                or contractors.vendor_key = awards.winner_key
            )
            and (
                contracts.source_url = awards.source_url
                or lower(contracts.product) = lower(awards.problem_statement)
            )
    group by contracts.contract_id, awards.challenge_award_id, awards.technology_domain
),

counted as (
    select
        *,
        count(*) over (partition by contract_id) as awards
    from pairs
)

select
    contract_id,
    challenge_award_id,
    technology_domain
from counted
where awards = 1
