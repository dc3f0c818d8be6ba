-- What people look at: the state of sources, gates and releases.

create or replace view ops.source_status as
select
    newest.source,
    newest.status,
    newest.rows_admitted,
    newest.rows_rejected,
    newest.known_at,
    newest.loaded_at,
    delivery.checked_at,
    newest.message,
    newest.warnings
from (
    select distinct on (source) *
    from ops.load
    where status <> 'superseded'
    order by source asc, load_id desc
) as newest
inner join ops.delivery as delivery on newest.delivery_id = delivery.delivery_id;
comment on view ops.source_status is 'Per source, what became of its newest delivery.';

create or replace view ops.gate_status as
select
    boundary,
    suite,
    checked_at,
    count(*) as rules,
    count(*) filter (
        where not success and acceptance_id is null and (severity = 'error' or fault is not null)
    ) as errors,
    count(*) filter (where not success and severity = 'warning' and fault is null) as warnings,
    max(suite_sha256) as suite_sha256,
    count(*) filter (where acceptance_id is not null) as accepted
from (
    select
        *,
        rank() over (partition by boundary, suite order by newest_id desc) as age
    from (
        select
            boundary,
            suite,
            severity,
            success,
            fault,
            suite_sha256,
            max(check_id) over (partition by run_id) as newest_id,
            acceptance_id,
            max(checked_at) over (partition by run_id) as checked_at
        from ops.check_result
    ) as run
) as ranked
where age = 1
group by boundary, suite, checked_at;
comment on view ops.gate_status is 'Per suite, how its newest run came out.';

create or replace view ops.open_finding as
select
    ranked.boundary,
    ranked.suite,
    ranked.rule_id,
    ranked.rule,
    ranked.target,
    ranked.severity,
    ranked.owner,
    ranked.unexpected_count,
    ranked.observed,
    ranked.sample,
    ranked.fault,
    ranked.checked_at,
    ranked.first_failed_at,
    ranked.acceptance_id,
    acceptance.accepted_by,
    acceptance.reason
from (
    select
        *,
        row_number() over (
            partition by boundary, suite, rule_id order by check_id desc
        ) as age,
        run_id = first_value(run_id) over (
            partition by boundary, suite order by check_id desc
        ) as is_still_a_rule,
        min(checked_at) filter (where not success) over (
            partition by boundary, suite, rule_id, streak
        ) as first_failed_at
    from (
        select
            *,
            count(*) filter (where success) over (
                partition by boundary, suite, rule_id order by check_id
            ) as streak
        from ops.check_result
    ) as streaks
) as ranked
left join ops.acceptance as acceptance on ranked.acceptance_id = acceptance.acceptance_id
where ranked.age = 1 and ranked.is_still_a_rule and not ranked.success;
comment on view ops.open_finding is
'Rules that did not hold when they were last checked; one may have been accepted, with a reason.';

create or replace view ops.release_history as
select
    release_id,
    published_at,
    undone_at,
    git_sha,
    tables,
    build_id,
    undone_at is null
    and release_id = (
        select max(newest.release_id)
        from ops.release as newest
        where newest.undone_at is null
    ) as is_current
from ops.release;
comment on view ops.release_history is 'Every release; one is current.';

create or replace view ops.rejection as
select
    rejected.load_id,
    load.source,
    rejected.line,
    rejected.reasons,
    load.loaded_at
from ops.rejected_row as rejected
inner join ops.load as load on rejected.load_id = load.load_id
left join pg_namespace as schema on schema.nspname = 'staging'
left join pg_class as staged
    on schema.oid = staged.relnamespace and load.source = staged.relname
where
    load.status <> 'superseded'
    and (not staged.relrowsecurity or pg_has_role('utpadan_restricted', 'usage'));
comment on view ops.rejection is
'Rejected rows and why; the rows themselves may hold personal data. Those of a restricted source, '
'and of one that has no staging yet, are for members of utpadan_restricted.';
