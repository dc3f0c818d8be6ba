-- The marts under test beside those that readers have. Both functions find nothing before the first
-- release. They run with the rights of the caller, whose search path begins with the marts under
-- test.

create or replace function ops.release_before(mart text) returns setof jsonb
language plpgsql stable as $$
begin
    if to_regclass(format('marts.%I', mart)) is not null then
        return query execute format('select to_jsonb(readers) from marts.%I as readers', mart);
    end if;
end
$$;
comment on function ops.release_before(text) is
'The rows of a mart in the release that readers have; none when that has no such mart.';

create or replace function ops.compare_releases()
returns table (mart text, rows_before bigint, rows_now bigint, rows_kept bigint)
language plpgsql stable as $$
declare
    alike text;
begin
    for mart in
        select tablename from pg_tables where schemaname = 'marts' order by tablename
    loop
        execute format('select count(*) from marts.%I', mart) into rows_before;
        rows_now := 0;
        rows_kept := 0;
        if to_regclass(format('%I.%I', current_schema(), mart)) is not null then
            execute format('select count(*) from %I.%I', current_schema(), mart) into rows_now;
            select string_agg(quote_ident(one.attname), ', ') into alike
            from pg_attribute as one
            inner join pg_attribute as other
                on one.attname = other.attname and one.atttypid = other.atttypid
            where
                one.attrelid = to_regclass(format('marts.%I', mart))
                and other.attrelid = to_regclass(format('%I.%I', current_schema(), mart))
                and one.attnum > 0 and one.atttypid <> 'json'::regtype
                and not one.attisdropped and not other.attisdropped;
        end if;
        if alike is not null then
            execute format(
                'select count(*) from (select %1$s from marts.%2$I '
                'intersect all select %1$s from %3$I.%2$I) as kept',
                alike, mart, current_schema()
            ) into rows_kept;
        end if;
        alike := null;
        return next;
    end loop;
end
$$;
comment on function ops.compare_releases() is
'Every mart that readers have: its rows, those of the marts under test, and those that both have, '
'alike in all columns that both have.';
