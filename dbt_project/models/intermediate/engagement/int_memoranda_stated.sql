with memoranda as (
    select * from {{ ref('stg_mous') }}
),

cells as (
    select
        party_a,
        party_b,
        signed_on_stated,
        subject,
        source_url,
        party_a || '; ' || party_b as parties_stated
    from memoranda
),

parties as (
    select
        cells.party_a,
        cells.party_b,
        cells.signed_on_stated,
        cells.subject,
        cells.source_url,
        {{ dbt.listagg(
            'trim(names.party_name)', "'; '", 'order by trim(names.party_name)'
        ) }} as parties
    from cells
    cross join {{ names_in('cells.parties_stated') }} as names (party_name)
    group by
        cells.party_a, cells.party_b, cells.signed_on_stated, cells.subject, cells.source_url
)

select
    {{ stable_id(['parties.parties', 'memoranda.signed_on_stated', 'memoranda.subject']) }}
        as memorandum_id,
    memoranda.event_id,
    parties.parties,
    memoranda.subject,
    {{ partial_date_from('memoranda.signed_on_stated') }} as signed_from,
    {{ partial_date_to('memoranda.signed_on_stated') }} as signed_to,
    memoranda.value_crore,
    memoranda.note,
    {{ published_from('memoranda.published_on', 'memoranda.published_on_approx') }}
        as published_from,
    memoranda.source_url
from memoranda
inner join parties
    on
        memoranda.party_a = parties.party_a
        and memoranda.party_b = parties.party_b
        and memoranda.subject = parties.subject
        and memoranda.source_url = parties.source_url
        and memoranda.signed_on_stated is not distinct from parties.signed_on_stated
