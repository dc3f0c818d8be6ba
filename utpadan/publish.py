"""Publish and undo: whole schemas are renamed, so a reader sees one release or the other.

`marts_next` becomes `marts`, `marts` becomes `marts_prev`, in one transaction of a few milliseconds
that waits for no reader and makes none wait. `undo` goes back one step. What is no longer needed is
dropped before the next build, when nobody reads it.

A statement that looks its tables up in the very moment could find some in the old release and some
in the new one. So readers lose their rights on the old tables in the same transaction: such a
statement is refused and can be run again; none ever mixes two releases.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from utpadan import ledger
from utpadan.source import CHECKOUT

READERS = ("utpadan_bi", "utpadan_analyst")
_MODELS = {"dbt_project": "*", "expectations/marts": "*", "sources": "source.yml"}


class PublishError(RuntimeError):
    """There is nothing to publish or to undo; the message says why and what to do."""


@dataclass(frozen=True)
class Release:
    """A published state of the marts; `tables` are rows per mart."""

    release_id: int
    build_id: UUID
    git_sha: str | None
    tables: Mapping[str, int]
    published_at: datetime
    undone_at: datetime | None


def is_due(url: str) -> bool:
    """Whether a release would hold anything new: other loads, or other models, than the newest.

    A release that was undone counts: it does not come back by itself.
    """
    with psycopg.connect(url) as conn:
        newest = conn.execute(
            """
            select build.models_sha256, build.loads
            from ops.release inner join ops.build using (build_id)
            order by release_id desc limit 1
            """
        ).fetchone()
        return newest != (models_sha256(), ledger.newest_loads(conn))


def current_release(url: str) -> Release | None:
    """The release that readers see."""
    with psycopg.connect(url) as conn:
        return _newest(conn, "undone_at is null")


def publish(url: str) -> Release:
    """Make `marts_next` the marts that everybody reads.

    Raises PublishError when there is none, or when the gate has not passed its build.
    """
    git_sha = _git_sha()
    with psycopg.connect(url) as conn:
        _lock(conn)
        build_id = _audited_build(conn)
        tables = _rows_per_table(conn, "marts_next")
        _show(conn, "marts_next")
        if _exists(conn, "marts_prev"):
            _rename(conn, "marts_prev", _spare_name(conn))
        _hide(conn, "marts")
        _rename(conn, "marts", "marts_prev")
        _rename(conn, "marts_next", "marts")
        return _record(conn, build_id, git_sha, tables)


def undo(url: str) -> tuple[Release, Release | None]:
    """Go back one release; returns the undone one and the one that readers see now.

    Raises PublishError when the release before is no longer kept (only one step is).
    """
    with psycopg.connect(url) as conn:
        _lock(conn)
        undone = _newest(conn, "undone_at is null")
        if undone is None or not _exists(conn, "marts_prev"):
            raise PublishError(
                "there is no release to go back to, for one step is kept: `utpadan build`, `audit` "
                "and `publish` make a new one"
            )
        _hide(conn, "marts")
        _rename(conn, "marts", _spare_name(conn))
        _rename(conn, "marts_prev", "marts")
        _show(conn, "marts")
        conn.execute(
            "update ops.release set undone_at = clock_timestamp() where release_id = %s",
            (undone.release_id,),
        )
        return undone, _newest(conn, "undone_at is null")


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


def models_sha256(checkout: Path = CHECKOUT) -> str:
    """Identity of all that turns staging into marts: models, seeds, macros, suites, contracts."""
    digest = hashlib.sha256()
    for folder, pattern in _MODELS.items():
        for path in sorted((checkout / folder).rglob(pattern)):
            if path.stem in {"_contracts", "_cookbook"}:  # written anew by every build
                continue
            if path.is_file() and path.suffix in {".sql", ".yml", ".csv", ".md"}:
                digest.update(str(path.relative_to(checkout)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _audited_build(conn: psycopg.Connection) -> UUID:
    """The build that marts_next holds; it is held against other builds until the commit."""
    lock = "select pg_try_advisory_xact_lock(hashtextextended('utpadan.build', 0))"
    if conn.execute(lock).fetchone() != (True,):
        raise PublishError("a build is running: publish when it and its audit are done")
    build_id = ledger.build_in_marts_next(conn)
    if build_id is None:
        raise PublishError("there is no whole marts_next: run `utpadan build` first")
    passed = conn.execute(
        "select audited_at is not null from ops.build where build_id = %s", (build_id,)
    ).fetchone()
    if passed != (True,):
        raise PublishError("the gate has not passed marts_next: run `utpadan audit` first")
    return build_id


def _lock(conn: psycopg.Connection) -> None:
    conn.execute("select pg_advisory_xact_lock(hashtextextended('utpadan.publish', 0))")


def _exists(conn: psycopg.Connection, schema: str) -> bool:
    row = conn.execute("select to_regnamespace(%s) is not null", (schema,)).fetchone()
    return row == (True,)


def _rename(conn: psycopg.Connection, old: str, new: str) -> None:
    conn.execute(SQL("alter schema {} rename to {}").format(Identifier(old), Identifier(new)))


def _show(conn: psycopg.Connection, schema: str) -> None:
    readers = SQL(", ").join(map(Identifier, READERS))
    name = Identifier(schema)
    conn.execute(SQL("grant usage on schema {} to {}").format(name, readers))
    conn.execute(SQL("grant select on all tables in schema {} to {}").format(name, readers))


def _hide(conn: psycopg.Connection, schema: str) -> None:
    readers = SQL(", ").join(map(Identifier, READERS))
    name = Identifier(schema)
    conn.execute(SQL("revoke usage on schema {} from {}").format(name, readers))
    conn.execute(SQL("revoke select on all tables in schema {} from {}").format(name, readers))


def _spare_name(conn: psycopg.Connection) -> str:
    row = conn.execute("select 'marts_spare_' || pg_current_xact_id()").fetchone()
    if row is None:
        raise PublishError("the server gave no transaction id")
    return str(row[0])


def _record(
    conn: psycopg.Connection, build_id: UUID, git_sha: str | None, tables: Mapping[str, int]
) -> Release:
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        release = cursor.execute(
            """
            insert into ops.release (build_id, git_sha, tables)
            values (%s, %s, %s)
            returning *
            """,
            (build_id, git_sha, Jsonb(dict(tables))),
        ).fetchone()
    if release is None:
        raise PublishError("the release was not recorded")
    conn.execute(
        """
        insert into ops.release_load (release_id, source, load_id)
        select %s, part.key, part.value::bigint
        from ops.build, jsonb_each_text(loads) as part
        where build_id = %s
        """,
        (release.release_id, build_id),
    )
    return release


def _rows_per_table(conn: psycopg.Connection, schema: str) -> dict[str, int]:
    tables = conn.execute(
        "select tablename from pg_tables where schemaname = %s order by tablename", (schema,)
    ).fetchall()
    counts = {}
    for (name,) in tables:
        row = conn.execute(
            SQL("select count(*) from {}").format(Identifier(schema, name))
        ).fetchone()
        counts[name] = row[0] if row else 0
    return counts


def _newest(conn: psycopg.Connection, condition: LiteralString) -> Release | None:
    query = SQL("select * from ops.release where {} order by release_id desc limit 1")
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        return cursor.execute(query.format(SQL(condition))).fetchone()


def _git_sha() -> str | None:
    """The checkout's commit, UTPADAN_GIT_SHA where an image was made of it; None for neither."""
    if given := os.environ.get("UTPADAN_GIT_SHA"):
        return given
    try:
        answer = subprocess.run(
            ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
