"""The schemas of marts: `marts`, `marts_next`, `marts_prev` and spare ones; who may enter them."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Identifier

READERS = ("utpadan_bi", "utpadan_analyst")
_READERS = SQL(", ").join(map(Identifier, READERS))


def exists(conn: psycopg.Connection, schema: str) -> bool:
    """Whether there is such a schema."""
    row = conn.execute("select to_regnamespace(%s) is not null", (schema,)).fetchone()
    return row == (True,)


def rename(conn: psycopg.Connection, old: str, new: str) -> None:
    """Its tables are neither touched nor locked."""
    conn.execute(SQL("alter schema {} rename to {}").format(Identifier(old), Identifier(new)))


def guard_restricted(conn: psycopg.Connection, schema: str) -> None:
    """Rows marked as restricted are for members of utpadan_restricted; guarded once, for good."""
    marked = conn.execute(
        """
        select relname from pg_class
        inner join pg_attribute on attrelid = pg_class.oid and attname = 'is_restricted'
        where relnamespace = to_regnamespace(%s) and relkind = 'r' and not attisdropped
            and not relrowsecurity
        """,
        (schema,),
    ).fetchall()
    statements = SQL(
        "alter table {0} enable row level security; "
        "create policy restricted on {0} for select to {1} "
        "using (not is_restricted or pg_has_role('utpadan_restricted', 'usage'))"
    )
    for (name,) in marked:
        conn.execute(statements.format(Identifier(schema, name), _READERS))


def allow_to_read(conn: psycopg.Connection, schema: str) -> None:
    """Readers may read its tables and call its functions, once they are let in."""
    for right in ("select on all tables", "execute on all routines"):
        conn.execute(
            SQL("grant {} in schema {} to {}").format(SQL(right), Identifier(schema), _READERS)
        )


def let_in(conn: psycopg.Connection, schema: str) -> None:
    """Readers find its tables."""
    conn.execute(SQL("grant usage on schema {} to {}").format(Identifier(schema), _READERS))


def hide_all_but_marts(conn: psycopg.Connection) -> None:
    """Readers find no table any more in other schemas; those that have found one read on."""
    others = conn.execute(
        """
        select nspname from pg_namespace
        where nspname like 'marts\\_%' and has_schema_privilege('utpadan_bi', oid, 'usage')
        """
    ).fetchall()
    for (name,) in others:
        conn.execute(SQL("revoke usage on schema {} from {}").format(Identifier(name), _READERS))


def new_spare_name(conn: psycopg.Connection) -> str:
    """A name for marts that no release needs any more."""
    row = conn.execute("select 'marts_spare_' || pg_current_xact_id()").fetchone()
    assert row is not None
    return str(row[0])


def spare_of(url: str, models: str) -> str | None:
    """The newest marts that no release needs any more, if these models built them."""
    with psycopg.connect(url) as conn:
        spares = conn.execute(
            """
            select spare.nspname, build.models_sha256
            from pg_namespace as spare
            inner join ops.build as build
                on obj_description(spare.oid, 'pg_namespace') = build.build_id::text
            where spare.nspname like 'marts\\_spare\\_%'
            order by build.built_at desc
            """
        ).fetchall()
    return next((name for name, sha256 in spares if sha256 == models), None)


def drop_spare_schemas(url: str, but: str | None = None) -> list[str]:
    """Drop the marts that no release needs any more; returns the names of their schemas.

    One that somebody still reads is left for the next time, and so is `but`.
    """
    dropped = []
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set lock_timeout = '200ms'")
        conn.execute("set client_min_messages = warning")
        hide_all_but_marts(conn)
        spares = conn.execute(
            "select nspname from pg_namespace where nspname like 'marts\\_spare\\_%'"
        ).fetchall()
        for name in [name for (name,) in spares if name != but]:
            try:
                conn.execute(SQL("drop schema if exists {} cascade").format(Identifier(name)))
                dropped.append(name)
            except psycopg.errors.LockNotAvailable:
                continue
    return dropped
