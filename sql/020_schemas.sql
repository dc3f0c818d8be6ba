-- landing and staging belong to the loader; prep and the marts to the builder; ops to the admin.
do $$
begin
    execute format(
        'revoke all on database %I from public', current_database()
    );
    execute format(
        'grant connect on database %I to '
        'utpadan_loader, utpadan_builder, utpadan_analyst, utpadan_bi',
        current_database()
    );
    execute format('grant create, temporary on database %I to utpadan_builder', current_database());
    execute format('grant temporary on database %I to utpadan_loader', current_database());
end
$$;

revoke all on schema public from public;

create schema if not exists ops;
create schema if not exists landing authorization utpadan_loader;
create schema if not exists staging authorization utpadan_loader;
create schema if not exists prep authorization utpadan_builder;

-- The builder renames schemas when it publishes, so `marts` exists from the first migration on.
create schema if not exists marts authorization utpadan_builder;
grant usage on schema marts to utpadan_bi, utpadan_analyst;

grant usage on schema staging to utpadan_builder;
grant usage on schema prep to utpadan_analyst;
alter default privileges for role utpadan_builder in schema prep
grant select on tables to utpadan_analyst;

-- What these roles or the admin make tomorrow, nobody else may call or use: PUBLIC gets nothing.
alter default privileges revoke execute on routines from public;
alter default privileges revoke usage on types from public;
alter default privileges for role utpadan_loader, utpadan_builder
revoke execute on routines from public;
alter default privileges for role utpadan_loader, utpadan_builder
revoke usage on types from public;
-- A view calls its functions with the rights of who reads it.
alter default privileges for role utpadan_builder in schema prep
grant execute on routines to utpadan_analyst;
revoke all on all routines in schema prep, marts from public;
grant execute on all routines in schema prep to utpadan_analyst;
grant execute on all routines in schema marts to utpadan_bi, utpadan_analyst;
