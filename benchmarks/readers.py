"""`python -m benchmarks.readers`: dashboards under fire of publishes and undos.

32 sessions ask what dashboards ask, one statement after the other without a pause, of a release of
everything there is: first in quiet, then while a second build is published and taken back again
and again. Counts the errors and the statements that mixed two releases, and compares how long a
statement took at most: the difference is what a publish makes a reader wait.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier
from rich.console import Console
from rich.table import Table

from benchmarks.dashboards import Desk, Readings, read_while, statements
from portals.registry import PORTALS
from portals.server import running
from utpadan import ledger, local, nightly, publish
from utpadan.migrate import migrate
from utpadan.settings import Settings, portal_variable
from utpadan.source import load_sources

RESULTS = Path(__file__).parent / "results"
PAUSE = 0.1
"""Seconds between a publish and an undo, for readers to settle on the new release."""
LONGEST_WAIT = """
select extract(epoch from max(clock_timestamp() - waitstart)) from pg_locks
where locktype = 'relation' and not granted and mode = 'AccessShareLock'
"""


@dataclass(frozen=True)
class Fire:
    """What readers had in quiet and under fire; the seconds of every publish and undo.

    `longest_wait` is how long at most a statement was seen to wait for a table, in seconds.
    """

    quiet: Readings
    under_fire: Readings
    switches: list[float]
    longest_wait: float


def fire(
    settings: Settings, *, readers: int, publishes: int, quiet: float, think: float = 0
) -> Fire:
    """Read a release for `quiet` seconds, then while `marts_next` is published and taken back.

    Both must be there, of the same tables; so they are in the end.
    """
    desk = Desk(settings.bi_url, statements(), _release_of(settings), think)
    before = read_while(desk, readers, lambda: time.sleep(quiet))
    switches: list[float] = []
    with _longest_wait(settings) as waits:
        under_fire = read_while(
            desk, readers, lambda: switches.extend(_switches(settings, publishes))
        )
    return Fire(before, under_fire, switches, max(waits))


@contextmanager
def _longest_wait(settings: Settings) -> Iterator[list[float]]:
    """Meanwhile the list grows by how long statements wait for tables, looked at all the time."""
    waits, ended = [0.0], threading.Event()

    def look() -> None:
        with psycopg.connect(settings.admin_url, autocommit=True) as conn:
            while not ended.wait(0.01):
                row = conn.execute(LONGEST_WAIT).fetchone()
                waits.append(float(row[0]) if row and row[0] else 0.0)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield waits
        finally:
            ended.set()
            looking.result()


def _switches(settings: Settings, publishes: int) -> Iterator[float]:
    """Publish and undo in turn; gives the seconds of each."""
    for _ in range(publishes):
        for verb in (publish.publish, publish.undo):
            start = time.perf_counter()
            verb(settings.builder_url)
            yield time.perf_counter() - start
            time.sleep(PAUSE)
        _undone_becomes_next(settings)


def _undone_becomes_next(settings: Settings) -> None:
    """The release that was taken back is a build again, audited, that waits to be published."""
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        (spare,) = conn.execute(
            "select nspname from pg_namespace where nspname like 'marts\\_spare\\_%' "
            "order by oid desc limit 1"
        ).fetchall()[0]
        conn.execute(SQL("alter schema {} rename to marts_next").format(Identifier(spare)))
        record_audited_build(conn)


def record_audited_build(conn: psycopg.Connection) -> None:
    """`marts_next` counts as a build that has passed its gate."""
    build_id = uuid4()
    ledger.record_build(conn, build_id, publish.models_sha256(), ledger.newest_loads(conn))
    ledger.mark_audited(conn, build_id, passed=True)


def _release_of(settings: Settings) -> dict[int, int]:
    with psycopg.connect(settings.builder_url) as conn:
        return dict(
            conn.execute(
                "select oid::bigint, relnamespace::bigint from pg_class where relkind = 'r' and "
                "relnamespace in ('marts'::regnamespace, 'marts_next'::regnamespace)"
            ).fetchall()
        )


def main() -> None:
    """Build twice, read, print and keep the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.readers", description=__doc__)
    parser.add_argument("--readers", type=int, default=32)
    parser.add_argument("--publishes", type=int, default=20)
    parser.add_argument("--quiet", type=float, default=20, help="seconds")
    options = parser.parse_args()
    with _released_and_built_again() as settings:
        fired = fire(
            settings, readers=options.readers, publishes=options.publishes, quiet=options.quiet
        )
    _report(fired, options)


@contextmanager
def _released_and_built_again() -> Iterator[Settings]:
    """A warehouse with a release of everything, and another build of it that may be published."""
    with tempfile.TemporaryDirectory(prefix="utpadan-bench-") as folder:
        home = Path(folder)
        local.start_postgres(home)
        try:
            with running() as base:
                environment = {"UTPADAN_HOME": str(home)}
                for portal in PORTALS:
                    environment[portal_variable(portal.name, "URL")] = base + portal.path
                    environment[portal_variable(portal.name, "TOKEN")] = portal.token or ""
                settings = Settings.load(environment)
                migrate(settings)
                _load_everything(settings)
            _build(settings)
            publish.publish(settings.builder_url)
            _build(settings)
            yield settings
        finally:
            local.stop_postgres(home)


def _load_everything(settings: Settings) -> None:
    sources = load_sources()
    for name in nightly.pull(settings, sources.values()).to_load:
        nightly.load_source(settings, sources[name])
    for domain in nightly.domains(sources):
        nightly.gate(settings, domain, sources)


def _build(settings: Settings) -> None:
    nightly.build(settings, load_sources())
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        record_audited_build(conn)


def _report(fired: Fire, options: argparse.Namespace) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table("", "statements", "errors", "mixed", "median ms", "longest ms", box=None)
    for title, readings in (("in quiet", fired.quiet), ("under fire", fired.under_fire)):
        table.add_row(
            title,
            f"{len(readings.seconds):,}",
            str(len(readings.errors)),
            str(len(readings.mixed)),
            f"{1000 * statistics.median(readings.seconds):.1f}",
            f"{1000 * max(readings.seconds):.0f}",
        )
    console.print(table)
    console.print(
        f"{len(fired.switches)} publishes and undos under {options.readers} readers: median "
        f"{1000 * statistics.median(fired.switches):.0f} ms, "
        f"longest {1000 * max(fired.switches):.0f} ms"
    )
    console.print(f"a statement waited for a table {1000 * fired.longest_wait:.0f} ms at most")
    for line in sorted({*fired.under_fire.errors, *fired.under_fire.mixed}):
        console.print(line, markup=False)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"readers-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    figures = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "readers": options.readers,
        "quiet": _figures(fired.quiet),
        "under_fire": _figures(fired.under_fire),
        "switch_seconds": fired.switches,
        "longest_wait_seconds": fired.longest_wait,
    }
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(f"kept in {path}")


def _figures(readings: Readings) -> dict[str, float]:
    return {
        "statements": len(readings.seconds),
        "errors": len(readings.errors),
        "mixed": len(readings.mixed),
        "median_seconds": statistics.median(readings.seconds),
        "longest_seconds": max(readings.seconds),
    }


if __name__ == "__main__":
    main()
