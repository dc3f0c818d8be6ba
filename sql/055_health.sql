-- What monitors and analysts ask of the warehouse: which source, build or disk needs somebody.
-- Every column is about counts, times and names; no cell of a source's row is in any of them.

create table if not exists ops.source (
    source text primary key,
    domain text not null,
    title text not null,
    owner text not null,
    publisher text not null,
    delivery_source text not null,
    freshness_days integer not null,
    is_sample boolean not null
);
comment on table ops.source is
'What the contracts in sources/ say, one row a source; `utpadan migrate` writes it.';
comment on column ops.source.delivery_source is
'The source whose delivery is read: itself, or the one in whose delivery it comes.';
comment on column ops.source.freshness_days is
'Within so many days the publisher brings something new; after that the source is silent.';

create or replace view ops.source_health as
with delivered as (
    select
        source as delivery_source,
        max(checked_at) as checked_at,
        max(fetched_at) as delivered_at
    from ops.delivery
    group by source
),

failed as (
    select distinct on (source)
        source as delivery_source,
        failed_at,
        message
    from ops.fetch_error
    order by source asc, fetch_error_id desc
),

loaded as (
    select
        source,
        max(loaded_at) filter (where status in ('loaded', 'unchanged')) as loaded_at,
        max(loaded_at) filter (where status = 'loaded') as changed_at,
        max(known_at) as known_at
    from ops.load
    where status <> 'superseded'
    group by source
),

facts as (
    select
        source.source,
        source.domain,
        source.title,
        source.owner,
        newest.status,
        delivered.checked_at,
        delivered.delivered_at,
        loaded.loaded_at,
        loaded.changed_at,
        newest.rows_admitted,
        newest.rows_rejected,
        newest.message,
        source.freshness_days,
        failed.failed_at,
        failed.message as fetch_error,
        loaded.known_at is null or loaded.known_at < delivered.delivered_at as is_waiting
    from ops.source as source
    left join delivered on source.delivery_source = delivered.delivery_source
    left join failed
        on
            source.delivery_source = failed.delivery_source
            and failed.failed_at > coalesce(delivered.checked_at, '-infinity')
    left join loaded on source.source = loaded.source
    left join ops.source_status as newest on source.source = newest.source
),

judged as (
    select
        *,
        case
            when failed_at is not null then 'not fetched'
            when status = 'refused' then 'refused'
            when delivered_at is null then 'never asked'
            when is_waiting and delivered_at < now() - interval '2 hours' then 'not loaded'
            when checked_at < now() - interval '26 hours' then 'not asked'
            when delivered_at < now() - make_interval(days => freshness_days) then 'silent'
        end as problem
    from facts
)

select
    source,
    domain,
    title,
    owner,
    problem,
    case problem
        when 'not fetched' then fetch_error
        when 'refused' then message
        when 'never asked' then 'it has no delivery: `utpadan ingest ' || source || '` asks it'
        when 'not loaded'
            then
                'its newest delivery waits, a load was cut off or failed: `utpadan ingest '
                || source || '` loads it'
        when 'not asked' then 'no nightly has asked for it: `utpadan ingest ' || source || '` does'
        when 'silent'
            then
                'nothing new since ' || (delivered_at at time zone 'UTC')::date
                || ', its contract expects something every ' || freshness_days || ' days'
    end as reason,
    case problem
        when 'not fetched' then failed_at
        when 'refused' then delivered_at
        when 'not loaded' then delivered_at
        when 'not asked' then checked_at
        when 'silent' then delivered_at + make_interval(days => freshness_days)
    end as problem_since,
    status,
    checked_at,
    delivered_at,
    changed_at,
    loaded_at,
    rows_admitted,
    rows_rejected,
    freshness_days
from judged;
comment on view ops.source_health is
'Per source of sources/, loaded or not: when it was asked and loaded, and what is wrong with it.';
comment on column ops.source_health.problem is
'not fetched: the portal failed since it last answered; refused: the newest delivery; never asked; '
'not loaded: a delivery waits for over 2 hours; not asked: for over 26 hours, and the nightly asks '
'every 24; silent: nothing new for longer than freshness_days; null: all is well.';
comment on column ops.source_health.reason is 'The problem in a sentence, with what to do.';
comment on column ops.source_health.problem_since is 'When the problem began, as far as is known.';
comment on column ops.source_health.status is
'What became of the newest delivery: the words of ops.load.status; null: never loaded.';
comment on column ops.source_health.checked_at is 'When it was last asked and answered.';
comment on column ops.source_health.delivered_at is 'When it last had something new.';
comment on column ops.source_health.changed_at is 'When a load last changed its staging.';
comment on column ops.source_health.loaded_at is 'When a delivery was last taken, changed or not.';
comment on column ops.source_health.rows_rejected is
'Rows of its newest delivery that wait for somebody: `utpadan rejected SOURCE`.';

create or replace view ops.fetch_history as
select
    source,
    fetched_at as at,
    'delivered' as outcome,
    delivery_id,
    size_bytes,
    requests,
    retries,
    null as message
from ops.delivery
union all
select
    source,
    failed_at as at,
    'failed' as outcome,
    null as delivery_id,
    null as size_bytes,
    null as requests,
    null as retries,
    message
from ops.fetch_error;
comment on view ops.fetch_history is
'What portals delivered and when they failed; a question without news leaves only checked_at.';
comment on column ops.fetch_history.message is 'Why it failed; it holds no secret.';

create or replace view ops.load_history as
select
    load_id,
    source,
    delivery_id,
    status,
    reading,
    rows_landed,
    rows_admitted,
    rows_rejected,
    rows_repeated,
    rows_new,
    rows_changed,
    rows_closed,
    (seconds ->> 'land')::numeric as land_seconds,
    (seconds ->> 'admit')::numeric as admit_seconds,
    (seconds ->> 'version')::numeric as version_seconds,
    coalesce((seconds ->> 'land')::numeric, 0) + coalesce((seconds ->> 'admit')::numeric, 0)
    + coalesce((seconds ->> 'version')::numeric, 0) as seconds,
    known_at,
    loaded_at,
    reverted_at,
    warnings,
    message
from ops.load;
comment on view ops.load_history is 'Every load: its rows by what became of them, its seconds.';
comment on column ops.load_history.land_seconds is 'Reading the delivery and COPY into landing.';
comment on column ops.load_history.admit_seconds is 'Judging and typing every row.';
comment on column ops.load_history.version_seconds is 'Comparing with staging, and changing it.';

create or replace view ops.build_history as
select
    run.build_id,
    run.started_at,
    run.seconds,
    run.nodes,
    run.failed,
    run.failed_nodes,
    build.audited_at,
    release.release_id
from (
    select
        build_id,
        min(started_at) as started_at,
        extract(
            epoch from max(started_at + make_interval(secs => seconds)) - min(started_at)
        ) as seconds,
        count(*) as nodes,
        count(*) filter (where is_broken) as failed,
        array_agg(node order by started_at) filter (
            where is_broken and status <> 'skipped'
        ) as failed_nodes
    from (
        select
            *,
            status in ('error', 'fail', 'runtime error', 'skipped', 'partial success') as is_broken
        from ops.model_run
    ) as node
    group by build_id
) as run
left join ops.build as build on run.build_id = build.build_id
left join ops.release as release on run.build_id = release.build_id;
comment on view ops.build_history is
'Every dbt build: how long it took, what failed, whether the gate passed it, and its release.';
comment on column ops.build_history.failed is 'Nodes that failed or were skipped for it.';
comment on column ops.build_history.failed_nodes is 'Those that failed; ops.model_run says why.';

create or replace view ops.model_trend as
select
    node,
    layer,
    max(seconds) filter (where age = 1) as seconds,
    percentile_cont(0.5) within group (order by seconds) filter (where age > 1) as usual_seconds,
    max(row_count) filter (where age = 1) as row_count,
    percentile_cont(0.5) within group (
        order by row_count
    ) filter (where age > 1) as usual_row_count,
    count(*) filter (where age > 1) as builds_before,
    max(started_at) as started_at
from (
    select
        *,
        row_number() over (partition by node order by started_at desc) as age
    from ops.model_run
    where kind = 'model' and status = 'success'
) as ranked
where age <= 21
group by node, layer;
comment on view ops.model_trend is
'Per model, its newest run beside the median of up to twenty before: what grew, what became slow.';

create or replace view ops.unpublished_load as
with published as (
    select
        source,
        load_id
    from ops.release_load
    where release_id = (select max(newest.release_id) from ops.release as newest)
)

select
    load.source,
    load.load_id,
    case
        when load.status = 'reverted' then load.reverted_at
        else load.loaded_at
    end as changed_at
from ops.load as load
left join published on load.source = published.source
where
    (load.status = 'loaded' and load.load_id > coalesce(published.load_id, 0))
    or (load.status = 'reverted' and load.load_id = published.load_id);
comment on view ops.unpublished_load is
'Loads, and loads taken back, since the newest release; one that was undone counts as a release.';

create or replace view ops.disk_use as
select
    'database' as part,
    pg_database_size(current_database()) as bytes
union all
select
    part,
    coalesce(sum(pg_total_relation_size(relation)), 0)::bigint as bytes
from (
    select
        class.oid as relation,
        case
            when schema.nspname like 'marts\_spare\_%' then 'marts_spare' else schema.nspname
        end as part
    from pg_namespace as schema
    left join pg_class as class on schema.oid = class.relnamespace and class.relkind in ('r', 'm')
    where schema.nspname in ('staging', 'ops', 'prep') or schema.nspname like 'marts%'
) as tables
group by part
union all
select
    'archive' as part,
    coalesce(sum(size_bytes), 0)::bigint as bytes
from (
    select
        sha256,
        max(size_bytes) as size_bytes
    from ops.delivery
    group by sha256
) as kept;
comment on view ops.disk_use is
'Bytes of the database, of its schemas, and of the archive as the ledger knows it.';

-- Who is at work is seen from the locks held; the session's times are shown to its own role only,
-- and so are read here as the admin, who is all of them.
create or replace function ops.locks_held()
returns table (lock_key bigint, is_shared boolean, since timestamptz)
language sql stable security definer set search_path = pg_catalog as $$
    select
        (locks.classid::bigint << 32) | locks.objid::bigint,
        locks.mode = 'ShareLock',
        coalesce(activity.xact_start, activity.query_start, activity.backend_start)
    from pg_locks as locks
    left join pg_stat_activity as activity on locks.pid = activity.pid
    where
        locks.locktype = 'advisory' and locks.objsubid = 1 and locks.granted
        and locks.database = (select oid from pg_database where datname = current_database())
$$;
comment on function ops.locks_held() is
'Advisory locks of this database that are held, and since when their sessions are at it.';
revoke execute on function ops.locks_held() from public;
grant execute on function ops.locks_held() to utpadan_loader, utpadan_builder, utpadan_analyst;

create or replace view ops.at_work as
select
    job.work,
    held.since
from (
    select
        'load of ' || source as work,
        'utpadan.source.' || source as lock_name,
        false as is_shared
    from ops.source
    union all
    values
    ('build', 'utpadan.build', false),
    ('publish', 'utpadan.publish', false),
    ('export', 'utpadan.publish', true),
    ('migrate', 'utpadan.migrate', false)
) as job
inner join ops.locks_held() as held
    on
        hashtextextended(job.lock_name, 0) = held.lock_key
        and job.is_shared = held.is_shared;
comment on view ops.at_work is
'What is at work at this moment: loads, a build, a publish, an export, a migration.';
comment on column ops.at_work.since is
'Since when; a build of an hour, or a load of one, is stuck.';

grant select on
ops.source, ops.source_health, ops.fetch_history, ops.load_history, ops.build_history,
ops.model_trend, ops.unpublished_load, ops.disk_use, ops.at_work
to utpadan_analyst;
