-- Who is at work, for a publish to see which statements it would catch between two releases. It
-- tells when they began, never what they ask; a session that its owner may not see has no time.
create or replace function ops.statements_at_work()
returns table (
    pid integer, began_at timestamptz, is_first_of_transaction boolean, waits_for_table boolean
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select pid, query_start, query_start = xact_start, wait_event_type = 'Lock'
    from pg_stat_activity
    where
        datname = current_database() and backend_type = 'client backend'
        and pid <> pg_backend_pid() and coalesce(state, 'active') = 'active'
        and wait_event_type is distinct from 'Client'
        and (wait_event_type is distinct from 'Lock' or wait_event = 'relation')
$$;
comment on function ops.statements_at_work() is
'Statements of all sessions of this database but those that wait for their client, or for a lock '
'on anything but a table.';
revoke all on function ops.statements_at_work() from public;
grant execute on function ops.statements_at_work() to utpadan_builder;
