"""What dashboards ask of the marts, and readers that ask it over and over, in every way there is.

Each statement looks its tables up once more before and after the question itself, and returns which
ones it found: all of one release, or it has mixed two.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier, Event
from typing import Any

import psycopg
import yaml

from utpadan.source import CHECKOUT

ESTIMATES = {
    "estimate_by_state": """
        select estimated.* from marts.dim_state as state
        inner join marts.estimate_incentives(100, date '2026-04-01') as estimated
            on state.state_code = estimated.state_code
    """,
    "estimate_totals": "select * from marts.estimate_incentive_totals(100, date '2026-04-01')",
}
PROCESSES = 2
START_SECONDS = 120
WAYS = ("autocommit", "prepared", "cursor", "transaction")
"""Plain statements; prepared ones; cursors of the server; several statements in a transaction."""
IN_A_TRANSACTION = 5
_TABLE = re.compile(r"\bmarts\.((?:dim|fct|mart|bridge)_\w+)")


@dataclass
class Readings:
    """What became of statements: seconds of each, errors, those that mixed, rows by question."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    rows: dict[str, set[int]] = field(default_factory=dict)

    def add(self, other: Readings) -> None:
        """Take over what another reader had."""
        self.seconds += other.seconds
        self.errors += other.errors
        self.mixed += other.mixed
        for name, counts in other.rows.items():
            self.rows.setdefault(name, set()).update(counts)


@dataclass(frozen=True)
class Desk:
    """What readers of this URL ask, and for how many seconds they look at each answer.

    `release_of` has the schema of every table of all releases, both by oid.
    """

    url: str
    statements: Mapping[str, str]
    release_of: Mapping[int, int]
    think: float = 0


def statements() -> dict[str, str]:
    """The cookbook's questions, the dashboards of the exposures and the estimates, by name."""
    asked = {
        path.stem: path.read_text(encoding="utf-8").rstrip().removesuffix(";")
        for path in sorted((CHECKOUT / "sql" / "cookbook").glob("*.sql"))
    }
    exposures = CHECKOUT / "dbt_project" / "models" / "exposures.yml"
    for dashboard in yaml.safe_load(exposures.read_text(encoding="utf-8"))["exposures"]:
        tables = re.findall(r"ref\('(\w+)'\)", " ".join(dashboard["depends_on"]))
        parts = [
            f"select '{table}' as mart, count(*) from marts.{table}"  # nosec B608 # names of ours
            for table in tables
        ]
        asked[dashboard["name"]] = "\nunion all ".join(parts)
    return {name: _with_tables(question) for name, question in (asked | ESTIMATES).items()}


def _with_tables(question: str) -> str:
    tables = sorted(set(_TABLE.findall(question))) or ["dim_state"]
    found = ", ".join(
        f"(select tableoid from marts.{table} limit 1)"  # nosec B608 # names of ours
        for table in tables
    )
    return (
        f"with first as (select array[{found}] as found) "  # nosec B608 # questions of ours
        f"select first.found || array[{found}], answer.* "
        f"from first left join (\n{question}\n) as answer on true"
    )


def read_while(desk: Desk, sessions: int, work: Callable[[], None]) -> Readings:
    """Read with so many sessions at once, all of them from its beginning to its end."""
    context, every = get_context("spawn"), Readings()
    signals = context.Barrier(sessions + 1), context.Event()
    stop, each = signals[1], sessions // PROCESSES
    with ProcessPoolExecutor(PROCESSES, context, _hear, signals) as pool:
        reading = [pool.submit(_read_many, desk, i * each, each) for i in range(PROCESSES)]
        try:
            signals[0].wait(START_SECONDS)
            work()
        finally:
            stop.set()
        for part in reading:
            every.add(part.result())
    return every


_start: Barrier
_stop: Event


def _hear(start: Barrier, stop: Event) -> None:
    global _start, _stop
    _start, _stop = start, stop


def _read_many(desk: Desk, first: int, sessions: int) -> Readings:
    every = Readings()
    with ThreadPoolExecutor(sessions) as pool:
        for one in pool.map(lambda number: _read(desk, first + number), range(sessions)):
            every.add(one)
    return every


def _read(desk: Desk, number: int) -> Readings:
    way, readings, names = WAYS[number % len(WAYS)], Readings(), list(desk.statements)
    with psycopg.connect(
        desk.url,
        autocommit=way in ("autocommit", "prepared"),
        prepare_threshold=0 if way == "prepared" else None,
    ) as conn:
        _start.wait(START_SECONDS)
        for turn in count(7 * number):
            if _stop.is_set():
                return readings
            name = names[turn % len(names)]
            start = time.perf_counter()
            try:
                rows = list(_rows(conn, way, desk.statements[name]))
            except psycopg.Error as error:
                readings.errors.append(f"{way}, {name}: {error}")
                conn.rollback()
                continue
            finally:
                readings.seconds.append(time.perf_counter() - start)
            if way == "cursor" or (way == "transaction" and turn % IN_A_TRANSACTION == 0):
                conn.commit()
            if len({desk.release_of[oid] for oid in rows[0][0] if oid}) != 1:
                readings.mixed.append(f"{way}, {name}")
            readings.rows.setdefault(name, set()).add(len(rows))
            _stop.wait(desk.think)
    return readings


def _rows(conn: psycopg.Connection, way: str, statement: str) -> Iterator[Sequence[Any]]:
    if way == "cursor":
        with conn.cursor(name="dashboard") as cursor:
            cursor.execute(statement.encode())
            while some := cursor.fetchmany(10):
                yield from some
    else:
        yield from conn.execute(statement.encode()).fetchall()
