-- What did publications count at exhibitions and conclaves, from memoranda to meetings?
select
    event.event_name,
    event.held_from,
    stated.engagement_kind,
    stated.indicator,
    stated.value_count,
    round(stated.value_inr / 10000000) as crore,
    stated.bound
from marts.fct_event_statistic as stated
inner join marts.dim_event as event on stated.event_id = event.event_id
order by
    event.held_from asc, event.event_name asc, stated.engagement_kind asc, stated.indicator asc;
