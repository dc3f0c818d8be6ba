"""Gates and builds: what was judged, and what `marts_next` holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from psycopg import Connection, sql
from psycopg.types.json import Jsonb


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


def mark_audited(conn: Connection, build_id: UUID, *, passed: bool) -> None:
    """The gate passed the build; or it judges it (again), and until it has passed nothing holds."""
    conn.execute(
        """
        update ops.build set audited_at = case when %s then clock_timestamp() end
        where build_id = %s
        """,
        (passed, build_id),
    )


def gate_is_due(conn: Connection, domain: str, sources: Iterable[str], suite_sha256: str) -> bool:
    """Whether a domain's rows or its suite changed since its gate last ran, or it last failed."""
    row = conn.execute(
        """
        with gate as (
            select checked_at, errors, suite_sha256 from ops.gate_status
            where boundary = 'staging' and suite = %s
        )
        select
            exists (
                select from gate where errors > 0 or suite_sha256 is distinct from %s
            )
            or exists (
                select from ops.load
                where
                    source = any(%s) and status in ('loaded', 'reverted')
                    and greatest(loaded_at, reverted_at)
                    > coalesce((select checked_at from gate), '-infinity')
            )
        """,
        (domain, suite_sha256, list(sources)),
    ).fetchone()
    return row == (True,)


def gate_is_red(conn: Connection, domain: str) -> bool:
    """Whether a domain's gate failed when it last ran."""
    row = conn.execute(
        "select errors > 0 from ops.gate_status where boundary = 'staging' and suite = %s",
        (domain,),
    ).fetchone()
    return row == (True,)
