"""A build: a new `marts_next`, dbt once over everything, its results into ops.model_run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from utpadan import events
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, Source
from utpadan.transform.base import prepare_marts_next
from utpadan.transform.process import Dbt, OnLayer
from utpadan.transform.properties import write_contracts
from utpadan.transform.results import BROKEN, NodeResult, read_results

PROJECT = CHECKOUT / "dbt_project"
ORPHAN_MILLISECONDS = 10_000
EXAMPLES = 3
"""Failing rows of a test that the message of a failed build shows."""


@dataclass(frozen=True)
class BuildResult:
    """A build in which every node succeeded; `warnings` are dbt's, and none are expected."""

    build_id: UUID
    seconds: float
    nodes: tuple[NodeResult, ...]
    warnings: tuple[str, ...]


class BuildFailed(RuntimeError):
    """dbt did not build everything: the message names nodes, causes and the way to more.

    `exit_code` is dbt's; `nodes` holds every result there is.
    """

    def __init__(
        self, message: str, build_id: UUID, exit_code: int, nodes: tuple[NodeResult, ...]
    ) -> None:
        super().__init__(message)
        self.build_id = build_id
        self.exit_code = exit_code
        self.nodes = nodes


class BuildRunning(RuntimeError):
    """Another build holds `marts_next`."""


def build(
    settings: Settings,
    sources: Mapping[str, Source],
    on_layer: OnLayer | None = None,
    *,
    base: str | None = None,
    unit_tests: bool = False,
    project: Path = PROJECT,
) -> BuildResult:
    """Build all models into a new `marts_next` and test them; `on_layer` hears of each layer.

    Incremental facts catch up from their tables in the schema `base`, which loses them; without a
    base they are built anew. It must come from the same models.
    Every node's result goes to ops.model_run, whatever the outcome. Unit tests check the logic and
    not the data, so a nightly build leaves them to CI.
    A dbt that a killed build left behind is ended first.
    Raises BuildFailed when any node failed or was skipped, BuildRunning when a build is running,
    ContractError when a staging model and its contract do not fit.
    """
    build_id, started, began = uuid4(), datetime.now(UTC), time.monotonic()
    write_contracts(sources, project)
    dbt = Dbt(project, settings.home / "dbt", settings.builder_url, on_layer or (lambda _: None))
    left_out = ["exposure", "saved_query", *([] if unit_tests else ["unit_test"])]
    with _marts_next(settings.builder_url, project, base) as conn:
        dbt.watch = partial(conn.execute, "select 'marts_next is still held'")
        exit_code = dbt.run(["build", "--exclude-resource-types", *left_out])
        nodes = read_results(dbt.target, started)
        broken = sum(node.status in BROKEN for node in nodes)
        if exit_code and not broken:
            nodes, broken = (*nodes, _of_dbt_itself(dbt, started)), 1
        _record(conn, build_id, nodes)
        if broken:
            events.emit(
                "build", build_id=build_id, status="failed", nodes=len(nodes), failed=broken
            )
            message = _explain(conn, build_id, nodes, dbt)
            raise BuildFailed(message, build_id, exit_code or 1, nodes)
    return BuildResult(build_id, time.monotonic() - began, nodes, tuple(dbt.warnings))


@contextmanager
def _marts_next(url: str, project: Path, base: str | None) -> Iterator[psycopg.Connection]:
    """A connection that holds a new `marts_next` against other builds."""
    with psycopg.connect(url, autocommit=True) as conn:
        lock = "select pg_try_advisory_lock(hashtextextended('utpadan.build', 0))"
        if conn.execute(lock).fetchone() != (True,):
            raise BuildRunning("another build is running: wait until it ends, or end it")
        _end_orphans(conn)
        prepare_marts_next(conn, project, base)
        try:
            yield conn
        except BaseException:
            if not conn.broken:
                _end_orphans(conn)
            raise


def _end_orphans(conn: psycopg.Connection) -> None:
    """End what the dbt of an ended build still does to `marts_next`; returns when it has ended.

    dbt itself ends with its parent, and cancels what it knows of when it is interrupted; the server
    may be at work on a statement of it.
    """
    left = conn.execute(
        """
        select pid, pg_terminate_backend(pid, %s) from pg_stat_activity
        where
            application_name = 'dbt marts_next' and usename = current_user
            and datname = current_database()
        """,
        (ORPHAN_MILLISECONDS,),
    ).fetchall()
    if stubborn := [pid for pid, has_ended in left if not has_ended]:
        raise BuildRunning(f"a dbt is at work on marts_next: end it (its session is {stubborn[0]})")


def _record(conn: psycopg.Connection, build_id: UUID, nodes: Sequence[NodeResult]) -> None:
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(
            """
            insert into ops.model_run (
                build_id, node, kind, layer, status, row_count, seconds, message, started_at
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [
                (
                    *(build_id, node.node, node.kind, node.layer, node.status),
                    *(node.row_count, node.seconds, node.message, node.started_at),
                )
                for node in nodes
            ],
        )


def _of_dbt_itself(dbt: Dbt, started: datetime) -> NodeResult:
    """What counts as one more node, so that a dbt that failed outside of any is seen as well."""
    return NodeResult(
        node="dbt",
        kind="dbt",
        layer="dbt",
        status="error",
        row_count=None,
        seconds=(datetime.now(UTC) - started).total_seconds(),
        message="\n".join(["dbt failed outside of any node", *dbt.errors]),
        started_at=started,
    )


def _explain(
    conn: psycopg.Connection, build_id: UUID, nodes: Sequence[NodeResult], dbt: Dbt
) -> str:
    failed = [node for node in nodes if node.status in BROKEN - {"skipped"}]
    skipped = sum(node.status == "skipped" for node in nodes)
    lines = [f"{len(failed)} of {len(nodes)} nodes failed, {skipped} were skipped for it."]
    for node in failed:
        lines += [f"{node.node}: {node.message}", *_examples(conn, node)]
    where = f"build_id = '{build_id}' and message is not null"
    lines += [f'More: utpadan sql -c "select * from ops.model_run where {where}"']  # nosec B608 # shown, not run
    lines += [f"and {dbt.home / 'logs' / 'dbt.log'}"]
    return "\n".join(lines)


def _examples(conn: psycopg.Connection, node: NodeResult) -> list[str]:
    """A few of the rows that fail a test."""
    if node.query is None:
        return []
    limited = sql.SQL("select * from ({}) as failing limit {}").format(
        sql.SQL(node.query), sql.Literal(EXAMPLES)
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(limited).fetchall()
    return ["  " + ", ".join(f"{name}={value}" for name, value in row.items()) for row in rows]
