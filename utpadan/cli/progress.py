"""Following a nightly from the ledger: what was loaded, judged, built and published since a moment.

The ledger is the same wherever the tasks run, in this process, under a scheduler, on a cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from rich.markup import escape

from utpadan.cli.lines import build_line, load_line, nothing_new_line
from utpadan.ledger import Counts, Outcome
from utpadan.source import Source
from utpadan.transform import Layer

LAYERS = ("hooks", "functions", "seeds", "staging", "intermediate", "marts", "tests", "unit tests")
"""The layers of a build, in the order in which they are built."""


@dataclass
class Follower:
    """Reads what is new in the ledger at each `lines()`; `since` is the server's time at its start.

    `failures` collects what went wrong, for the end.
    """

    conn: psycopg.Connection
    since: datetime = field(init=False)
    seen: set[tuple[str, object]] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        row = self.conn.execute("select clock_timestamp()").fetchone()
        self.since = row[0] if row else datetime.min

    @property
    def has_news(self) -> bool:
        """Whether anything was loaded, refused, built or published."""
        return any(kind in ("load", "fetch", "node", "release") for kind, _ in self.seen)

    def lines(self) -> Iterator[str]:
        """One line for everything that happened since the last call."""
        yield from self._loads()
        yield from self._fetch_errors()
        yield from self._gates()
        yield from self._builds()
        yield from self._releases()

    def nothing_new(self, sources: Iterable[Source]) -> Iterator[str]:
        """One line for each of the sources that was asked, did not fail and loaded nothing."""
        asked = {row[0] for row in self._rows("ops.delivery", "checked_at", "source")}
        for source in sources:
            if source.delivery_source in asked and source.name not in self.loaded:
                yield nothing_new_line(source.name)

    def _loads(self) -> Iterator[str]:
        columns = (
            "load_id, source, status, message, rows_landed, rows_admitted, rows_rejected, "
            "rows_repeated, rows_new, rows_changed, rows_closed"
        )
        for load_id, source, status, message, *rows in self._rows("ops.load", "loaded_at", columns):
            if self._is_new("load", load_id):
                self.loaded.add(source)
                line = load_line(
                    Outcome(load_id, source, status, rows=Counts(*rows), message=message)
                )
                if status == "refused":
                    self.failures.append(f"{source}: {message}")
                yield line

    def _fetch_errors(self) -> Iterator[str]:
        for key, source, message in self._rows(
            "ops.fetch_error", "failed_at", "fetch_error_id, source, message"
        ):
            if self._is_new("fetch", key):
                self.loaded.add(source)
                self.failures.append(message)
                yield f"  [red]✗[/red] {escape(message)}"

    def _gates(self) -> Iterator[str]:
        columns = "boundary, suite, checked_at, rules, errors, warnings, accepted"
        for row in self._rows("ops.gate_status", "checked_at", columns):
            if self._is_new("gate", row[:3]):
                boundary, suite, _, rules, errors, warnings, accepted = row
                mark = "[red]✗[/red]" if errors else "[green]✓[/green]"
                found = f"{rules - errors - warnings - accepted} of {rules} rules hold"
                found += f", {errors} errors" if errors else ""
                found += f", {warnings} warnings" if warnings else ""
                found += f", {accepted} accepted" if accepted else ""
                yield f"  {mark} gate {boundary + '/' + suite:<27} {found}"
                if errors:
                    self.failures += self._findings(boundary, suite)

    def _findings(self, boundary: str, suite: str) -> Iterator[str]:
        rows = self.conn.execute(
            """
            select rule, unexpected_count, fault from ops.open_finding
            where
                boundary = %s and suite = %s and acceptance_id is null
                and (severity = 'error' or fault is not null)
            """,
            (boundary, suite),
        )
        for rule, count, fault in rows:
            yield f"gate {boundary}/{suite}: {rule} ({fault or f'{count} rows'})"

    def _builds(self) -> Iterator[str]:
        columns = "build_id, layer, node, kind, status, message"
        builds: dict[tuple[object, str], Layer] = {}
        for build_id, layer, node, _, status, message in self._rows(
            "ops.model_run", "started_at", columns
        ):
            if self._is_new("node", (build_id, node)):
                found = builds.setdefault((build_id, layer), Layer(layer, 0, Counter()))
                found.nodes += 1
                found.statuses[status] += 1
                if message and status not in ("skipped", "warn"):
                    self.failures.append(f"{node}: {message}")
        in_order = sorted(builds.values(), key=lambda layer: LAYERS.index(layer.name))
        yield from map(build_line, in_order)

    def _releases(self) -> Iterator[str]:
        for release_id, tables in self._rows("ops.release", "published_at", "release_id, tables"):
            if self._is_new("release", release_id):
                rows = sum(tables.values())
                yield (
                    f"  [green]✓[/green] release {release_id} published: "
                    f"{len(tables)} tables, {rows:,} rows"
                )

    def _rows(self, table: str, moment: str, columns: str) -> list[tuple[Any, ...]]:
        where = f"{moment} >= %s order by {moment}"
        query = f"select {columns} from {table} where {where}"  # nosec B608 # names from this file
        return self.conn.execute(query.encode(), (self.since,)).fetchall()

    def _is_new(self, kind: str, key: object) -> bool:
        is_new = (kind, key) not in self.seen
        self.seen.add((kind, key))
        return is_new
