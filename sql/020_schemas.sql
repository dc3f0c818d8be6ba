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
