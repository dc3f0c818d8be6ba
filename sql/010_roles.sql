-- Roles of least privilege. Passwords are set by `utpadan migrate` from the environment.
do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'utpadan_loader', 'utpadan_builder', 'utpadan_analyst', 'utpadan_bi'
    ] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole', wanted);
        end if;
        -- An admin who is no superuser gives schemas to these roles, and so must be one of them.
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to current_user with inherit true, set true', wanted);
        end if;
    end loop;
end
$$;

-- Who reads must leave room for the nightly: of the 100 connections of a server as it comes, these
-- two take 70 at most. A limit that was set by hand stays.
do $$
declare
    reader record;
begin
    for reader in
        select rolname, most from pg_roles
        inner join (values ('utpadan_bi', 50), ('utpadan_analyst', 20)) as wanted (name, most)
            on rolname = name
        where rolconnlimit = -1
    loop
        execute format('alter role %I connection limit %s', reader.rolname, reader.most);
    end loop;
end
$$;

-- Whose members see the rows of restricted sources. The builder must be one, as it reads them all.
do $$
begin
    if not exists (select from pg_roles where rolname = 'utpadan_restricted') then
        create role utpadan_restricted nologin;
    end if;
    if not pg_has_role('utpadan_builder', 'utpadan_restricted', 'member') then
        grant utpadan_restricted to utpadan_builder;
    end if;
end
$$;

alter role utpadan_bi set statement_timeout = '60s';
alter role utpadan_bi set default_transaction_read_only = on;
alter role utpadan_bi set search_path = marts;
alter role utpadan_analyst set default_transaction_read_only = on;
alter role utpadan_analyst set search_path = marts, prep, ops;
alter role utpadan_analyst set statement_timeout = '15min';
-- A reader that walked away with its transaction open keeps marts that no release needs any more.
alter role utpadan_bi set idle_in_transaction_session_timeout = '15min';
alter role utpadan_analyst set idle_in_transaction_session_timeout = '15min';
