"""Publish and undo: whole schemas are renamed, so a reader sees one release or the other.

`marts_next` becomes `marts`, `marts` becomes `marts_prev`, in one transaction; `undo` goes back one
step. No reader is waited for or refused, and none waits for longer than it takes to see that no
statement was caught between two releases (switch.py). What is no longer needed is dropped before
the next build, when nobody reads it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from utpadan import events, ledger
from utpadan.publish.schemas import (
    READERS,
    allow_to_read,
    drop_spare_schemas,
    exists,
    guard_restricted,
    hide_all_but_marts,
    let_in,
    new_spare_name,
    rename,
    spare_of,
)
from utpadan.publish.switch import Change, ReadersInTheWay, switch_readers
from utpadan.source import CHECKOUT

__all__ = [
    "READERS",
    "PublishError",
    "Release",
    "current_release",
    "drop_spare_schemas",
    "is_due",
    "models_sha256",
    "publish",
    "spare_of",
    "undo",
]
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

    Raises PublishError when there is none, when the gate has not passed its build, or when readers
    were in the way at every try.
    """
    start, git_sha = perf_counter(), _git_sha()
    with _publisher(url) as conn:
        build_id = _audited_build(conn)
        tables = _rows_per_table(conn, "marts_next")
        release_id = _next_release_id(conn)
        renames = [("marts", "marts_prev"), ("marts_next", "marts")]
        if exists(conn, "marts_prev"):
            renames.insert(0, ("marts_prev", new_spare_name(conn)))

        def record(conn: psycopg.Connection) -> None:
            _record(conn, release_id, build_id, git_sha, tables)

        def take_back(conn: psycopg.Connection) -> None:
            conn.execute("delete from ops.release where release_id = %s", (release_id,))

        _switch(conn, url, renames, record, take_back)
        release = _newest(conn, "undone_at is null")
        assert release is not None
    _tell("publish", release, start)
    return release


def undo(url: str) -> tuple[Release, Release | None]:
    """Go back one release; returns the undone one and the one that readers see now.

    Raises PublishError when the release before is no longer kept (only one step is), or when
    readers were in the way at every try.
    """
    start = perf_counter()
    with _publisher(url) as conn:
        undone = _newest(conn, "undone_at is null")
        if undone is None or not exists(conn, "marts_prev"):
            raise PublishError(
                "there is no release to go back to, for one step is kept: `utpadan build`, `audit` "
                "and `publish` make a new one"
            )
        release_id = (undone.release_id,)
        renames = [("marts", new_spare_name(conn)), ("marts_prev", "marts")]
        set_undone = "update ops.release set undone_at = {} where release_id = %s"

        def record(conn: psycopg.Connection) -> None:
            conn.execute(SQL(set_undone).format(SQL("clock_timestamp()")), release_id)

        def take_back(conn: psycopg.Connection) -> None:
            conn.execute(SQL(set_undone).format(SQL("null")), release_id)

        _switch(conn, url, renames, record, take_back)
        now = _newest(conn, "undone_at is null")
    _tell("undo", undone, start)
    return undone, now


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


@contextmanager
def _publisher(url: str) -> Iterator[psycopg.Connection]:
    """A connection with autocommit that publishes or undoes while no other one does."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(hashtextextended('utpadan.publish', 0))")
        hide_all_but_marts(conn)  # what a publish that was killed left open
        yield conn


def _tell(event: str, release: Release, start: float) -> None:
    events.emit(
        event,
        release_id=release.release_id,
        build_id=release.build_id,
        tables=len(release.tables),
        rows=sum(release.tables.values()),
        since=start,
    )


def _audited_build(conn: psycopg.Connection) -> UUID:
    """The build that marts_next holds; it is held against other builds by this session."""
    lock = "select pg_try_advisory_lock(hashtextextended('utpadan.build', 0))"
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


def _switch(
    conn: psycopg.Connection,
    url: str,
    renames: Sequence[tuple[str, str]],
    record: Change,
    take_back: Change,
) -> None:
    """Rename the schemas, each after the one before, so that readers see what is `marts` then."""
    incoming = renames[-1][0]

    def to(conn: psycopg.Connection) -> None:
        for old, new in renames:
            rename(conn, old, new)
        let_in(conn, "marts")
        record(conn)

    def back(conn: psycopg.Connection) -> None:
        for old, new in reversed(renames):
            rename(conn, new, old)
        take_back(conn)

    hide_all_but_marts(conn)
    guard_restricted(conn, incoming)
    allow_to_read(conn, incoming)
    try:
        switch_readers(conn, url, outgoing="marts", incoming=incoming, to=to, back=back)
    except ReadersInTheWay as error:
        raise PublishError(
            f"readers were in the way, nothing has changed, do it again: {error}"
        ) from error
    finally:
        hide_all_but_marts(conn)


def _next_release_id(conn: psycopg.Connection) -> int:
    row = conn.execute(
        "select nextval(pg_get_serial_sequence('ops.release', 'release_id'))"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _record(
    conn: psycopg.Connection,
    release_id: int,
    build_id: UUID,
    git_sha: str | None,
    tables: Mapping[str, int],
) -> None:
    conn.execute(
        """
        insert into ops.release (release_id, build_id, git_sha, tables)
        overriding system value values (%s, %s, %s, %s)
        """,
        (release_id, build_id, git_sha, Jsonb(dict(tables))),
    )
    conn.execute(
        """
        insert into ops.release_load (release_id, source, load_id)
        select %s, part.key, part.value::bigint
        from ops.build, jsonb_each_text(loads) as part
        where build_id = %s
        """,
        (release_id, build_id),
    )


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
            ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"],  # nosec B607 # as the PATH has it
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
