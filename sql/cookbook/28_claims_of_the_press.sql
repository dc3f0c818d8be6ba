-- Do the figures in press releases agree with the official series?
select
    metric,
    verdict,
    count(*) as claims
from marts.fct_press_claim
group by metric, verdict
order by metric asc, verdict asc;
