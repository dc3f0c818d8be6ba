-- What only a superuser can take away or set. Where the admin is none, a superuser runs this file.
do $$
declare
    routine regprocedure;
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        return;
    end if;
    -- A reader who holds the lock of a source, of a build or of a publish would stop the nightly.
    for routine in
        select oid from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^pg_(try_)?advisory_'
    loop
        execute format('revoke execute on function %s from public', routine);
        execute format(
            'grant execute on function %s to utpadan_loader, utpadan_builder', routine
        );
    end loop;
    -- Large objects and messages in the WAL fill a disk, and nobody here needs them.
    for routine in
        select oid from pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace
            and (
                proname in ('loread', 'lowrite', 'pg_logical_emit_message')
                or proname ~ '^lo_'
            )
    loop
        execute format('revoke execute on function %s from public', routine);
    end loop;
    -- The server's log keeps the message of an error, but not the row it is about.
    alter role utpadan_loader set log_error_verbosity = terse;
    alter role utpadan_builder set log_error_verbosity = terse;
end
$$;
