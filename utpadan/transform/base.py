"""What a build starts from: an empty `marts_next`, but for the incremental facts of a base.

The base is a schema of an earlier release that nobody needs any more. Its tables of incremental
models are moved, not copied, so that the cost of such a fact follows what has changed. dbt finds
them in place, deletes what is outdated and appends what is new.
"""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

_INCREMENTAL = re.compile(r"materialized\s*=\s*[\"']incremental[\"']")
PATIENCE = "200ms"


def incremental_models(project: Path) -> list[str]:
    """The marts that catch up instead of being built anew."""
    files = sorted((project / "models" / "marts").glob("*/*.sql"))
    return [path.stem for path in files if _INCREMENTAL.search(path.read_text(encoding="utf-8"))]


def prepare_marts_next(conn: psycopg.Connection, project: Path, base: str | None) -> list[str]:
    """Make `marts_next` anew; returns the tables it took over from the schema `base`.

    One that somebody still reads stays where it is, and is built anew. Needs autocommit.
    """
    conn.execute("drop schema if exists marts_next cascade")
    conn.execute("create schema marts_next")
    if base is None:
        return []
    return [name for name in incremental_models(project) if _taken_over(conn, base, name)]


def _taken_over(conn: psycopg.Connection, base: str, name: str) -> bool:
    table = Identifier(base, name)
    found = conn.execute("select to_regclass(%s)::oid", (f"{base}.{name}",)).fetchone()
    if found is None or found[0] is None:
        return False
    try:
        with conn.transaction():
            conn.execute(SQL("set local lock_timeout = {}").format(PATIENCE))
            for (key,) in conn.execute(
                "select conname from pg_constraint where conrelid = %s and contype = 'f'", found
            ).fetchall():
                conn.execute(
                    SQL("alter table {} drop constraint {}").format(table, Identifier(key))
                )
            conn.execute(SQL("alter table {} set schema marts_next").format(table))
    except psycopg.errors.LockNotAvailable:
        return False
    return True
