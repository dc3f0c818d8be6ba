"""Gates and builds: what was judged, and what `marts_next` holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from utpadan.ledger.loading import newest_loads


def record_build(
    conn: Connection, build_id: UUID, models_sha256: str, loads: Mapping[str, int]
) -> None:
    """A dbt build succeeded, and `marts_next` holds it; the gate comes next."""
    with conn.transaction():
        conn.execute(
            "insert into ops.build (build_id, models_sha256, loads) values (%s, %s, %s)",
            (build_id, models_sha256, Jsonb(dict(loads))),
        )
        conn.execute(
            sql.SQL("comment on schema marts_next is {}").format(sql.Literal(str(build_id)))
        )


def build_in_marts_next(conn: Connection) -> UUID | None:
    """The build that `marts_next` holds whole; None when there is none, or dbt is at work on it."""
    row = conn.execute(
        "select obj_description(to_regnamespace('marts_next'), 'pg_namespace')"
    ).fetchone()
    return UUID(row[0]) if row and row[0] else None


def judged_build(conn: Connection, build_id: UUID) -> dict[str, Any]:
    """What a gate of the marts judges: a build of the same models and loads is the same again."""
    row = conn.execute(
        "select models_sha256, loads from ops.build where build_id = %s", (build_id,)
    ).fetchone()
    assert row is not None
    return {"models_sha256": row[0], "loads": row[1]}


def lock_audit(conn: Connection) -> None:
    """Wait until no other audit runs, and hold others off until the connection is closed."""
    conn.execute("select pg_advisory_lock(hashtextextended('utpadan.audit', 0))")


def mark_audited(conn: Connection, build_id: UUID, *, passed: bool) -> None:
    """The gate passed the build; or it judges it (again), and until it has passed nothing holds."""
    conn.execute(
        """
        update ops.build set audited_at = case when %s then clock_timestamp() end
        where build_id = %s
        """,
        (passed, build_id),
    )


@dataclass(frozen=True)
class Check:
    """How a rule fared when it was last checked, and of what."""

    success: bool
    unexpected_count: int | None
    sample: list[Any]
    fault: str | None
    judged: Mapping[str, Any] | None


def newest_check(conn: Connection, boundary: str, suite: str, rule_id: str) -> Check | None:
    """The newest outcome of a rule; None when it was never checked."""
    with conn.cursor(row_factory=class_row(Check)) as cursor:
        return cursor.execute(
            """
            select success, unexpected_count, sample, fault, judged from ops.check_result
            where boundary = %s and suite = %s and rule_id = %s
            order by check_id desc limit 1
            """,
            (boundary, suite, rule_id),
        ).fetchone()


def gate_is_due(conn: Connection, domain: str, sources: Iterable[str], suite_sha256: str) -> bool:
    """Whether a domain's rows or its suite changed since its gate last ran, or it last failed.

    What a gate saw are the loads that were there when it began: one that came meanwhile is news.
    """
    gate = conn.execute(
        """
        select
            judged,
            bool_or(
                not success and acceptance_id is null
                and (severity = 'error' or fault is not null)
            )
        from ops.check_result
        where
            run_id = (
                select run_id from ops.check_result
                where boundary = 'staging' and suite = %s order by check_id desc limit 1
            )
        group by judged
        """,
        (domain,),
    ).fetchone()
    names, newest = set(sources), newest_loads(conn)
    if gate is None:
        return not names.isdisjoint(newest)
    judged, is_red = gate[0] or {}, gate[1]
    loads = judged.get("loads", {})
    changed = any(loads.get(name) != newest.get(name) for name in names)
    return is_red or judged.get("suite_sha256") != suite_sha256 or changed


def gate_is_red(conn: Connection, domain: str) -> bool:
    """Whether a domain's gate failed when it last ran."""
    row = conn.execute(
        "select errors > 0 from ops.gate_status where boundary = 'staging' and suite = %s",
        (domain,),
    ).fetchone()
    return row == (True,)
