"""What a warehouse holds, as digests that two databases can be compared by."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Identifier

TABLES = """
select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2
"""
WORDS = """
select n.nspname, c.relname, coalesce(a.attname, ''), d.description
from pg_description as d
inner join pg_class as c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid
inner join pg_namespace as n on c.relnamespace = n.oid
left join pg_attribute as a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
where n.nspname = any(%(schemas)s)
union all
select n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
from pg_constraint as k
inner join pg_class as c on k.conrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname = any(%(schemas)s)
union all
select schemaname, tablename, indexname, indexdef
from pg_indexes where schemaname = any(%(schemas)s)
union all
select
    n.nspname, c.relname, pg_get_userbyid(c.relowner),
    coalesce(c.relacl, acldefault('r', c.relowner))::text
from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid
where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'v')
union all
select nspname, '', coalesce(obj_description(oid, 'pg_namespace'), ''), coalesce(nspacl::text, '')
from pg_namespace where nspname = any(%(schemas)s)
order by 1, 2, 3, 4
"""


def rows_by_table(url: str, *schemas: str) -> dict[str, tuple[int, str]]:
    """Of every table: how many rows it has, and a digest of all their values."""
    found = {}
    with psycopg.connect(url) as conn:
        conn.execute("set timezone = 'UTC'")
        for schema, table in conn.execute(TABLES, (list(schemas),)).fetchall():
            row = conn.execute(
                SQL(
                    "select count(*), md5(string_agg(line, e'\\n' order by line)) "
                    "from (select t::text as line from {} as t) as lines"
                ).format(Identifier(schema, table))
            ).fetchone()
            assert row is not None
            found[table] = (row[0], row[1])
    return found


def structure(url: str, *schemas: str) -> list[tuple[str, ...]]:
    """Comments, constraints, indexes, owners and rights of these schemas and their tables."""
    with psycopg.connect(url) as conn:
        return conn.execute(WORDS, {"schemas": list(schemas)}).fetchall()
