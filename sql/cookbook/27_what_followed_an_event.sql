-- After which events did contracts or transfers of technology follow for participants in a year?
with followed as (
    select
        event_id,
        count(distinct vendor_id) as companies,
        sum(contracts_followed_within_a_year) as contracts,
        sum(transfers_followed_within_a_year) as transfers
    from marts.mart_engagement_outcomes
    where not is_sample
    group by event_id
)

select
    event.event_name,
    event.held_from,
    followed.companies,
    followed.contracts,
    followed.transfers
from followed
inner join marts.dim_event as event on followed.event_id = event.event_id
where followed.contracts + followed.transfers > 0
order by event.held_from asc, event.event_name asc;
