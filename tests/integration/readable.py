"""All that a role can read, as text: every column of every relation that it has a right on."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Identifier

COLUMNS = """
select
    nspname, relname,
    array_agg(attname::text order by attnum) filter (
        where has_column_privilege(pg_class.oid, attnum, 'select')
    )
from pg_class
inner join pg_namespace on pg_namespace.oid = relnamespace
inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
where
    relkind in ('r', 'v') and has_schema_privilege(pg_namespace.oid, 'usage')
    and nspname not like 'pg\\_%' and nspname <> 'information_schema'
group by nspname, relname
having bool_or(has_column_privilege(pg_class.oid, attnum, 'select'))
order by nspname, relname
"""


def readable(url: str) -> dict[str, str]:
    """Relation → its rows, as far as the role of this URL sees them."""
    found = {}
    with psycopg.connect(url) as conn:
        for schema, name, columns in conn.execute(COLUMNS).fetchall():
            rows = conn.execute(
                SQL("select row({})::text from {}").format(
                    SQL(", ").join(map(Identifier, columns)), Identifier(schema, name)
                )
            )
            found[f"{schema}.{name}"] = "\n".join(text for (text,) in rows)
    return found
