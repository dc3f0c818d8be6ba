"""Contracts, deliveries and staging of a test's own, on a real warehouse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier

from utpadan import ledger
from utpadan.archive import Archive
from utpadan.ledger import Delivery, Outcome
from utpadan.load import load
from utpadan.parse import read
from utpadan.settings import Settings
from utpadan.source import Source
from utpadan.table import Table

Cells = tuple[str | None, ...]

FIGURES: dict[str, dict[str, Any]] = {
    "year": {"type": "text", "required": True},
    "sector": {"type": "text"},
    "value": {"type": "numeric", "unit": "INR crore"},
}
"""The columns of `figures()`: one value for a year and, where it is stated, a sector."""


def day(number: int) -> datetime:
    """A moment on that day of January 2026, to the microsecond."""
    return datetime(2026, 1, number, 20, 30, 15, 123456, UTC)


def contract(columns: dict[str, dict[str, Any]], **changes: Any) -> Source:
    """A contract with wide bounds; a number is a count unless it says otherwise."""
    parts: dict[str, Any] = {
        "name": "figures",
        "domain": "production_exports",
        "folder": Path("/nowhere/figures"),
        "title": "Figures",
        "description": "Figures made up for the tests of loading.",
        "publisher": {"name": "Nobody", "official": False},
        "licence": {"name": "None", "note": "Made for tests."},
        "owner": "test-desk",
        "fetch": {"kind": "file", "path": "figures.csv"},
        "format": {"kind": "csv"},
        "delivery": "complete",
        "grain": "one figure for one key",
        "key": [next(iter(columns))],
        "rows": {"min": 0, "max": 1_000_000, "max_change": 1},
        "freshness_days": 400,
        "max_bad_share": 0.99,
        "columns": {name: _column(name, column) for name, column in columns.items()},
    }
    return Source(**{**parts, **changes})


def figures(**changes: Any) -> Source:
    """One value for a year and sector; the sector of a total is not stated."""
    return contract(FIGURES, **{"key": ["year", "sector"], **changes})


def _column(name: str, column: dict[str, Any]) -> dict[str, Any]:
    unit = {"unit": "count"} if column["type"] in ("integer", "numeric") else {}
    return {"description": f"The {name} of the test.", **unit, **column}


@dataclass(frozen=True)
class Desk:
    """Delivers bytes to a warehouse, loads them, and looks at what became of them."""

    settings: Settings
    conn: psycopg.Connection

    def deliver(self, source: Source, data: bytes, at: datetime) -> Delivery:
        """Archive the bytes and write them down as fetched at that moment."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.settings.home / sha256
        path.write_bytes(data)
        Archive(self.settings.archive_url).keep(path, sha256)
        facts: dict[str, Any] = {
            "sha256": sha256,
            "size_bytes": len(data),
            "url": f"file:///{source.name}",
            "request_sha256": "0" * 64,
            "etag": None,
            "last_modified": None,
            "watermark": None,
            "requests": 1,
            "retries": 0,
            "fetched_at": at,
        }
        return ledger.record_delivery(self.conn, source.name, facts)

    def reading(self, source: Source, delivery: Delivery) -> Callable[[], Table]:
        """How the nightly reads that delivery."""
        return lambda: read(source, self.settings.home / delivery.sha256)

    def load(self, source: Source, data: bytes, at: datetime) -> Outcome:
        """Deliver the bytes and load them. Raises LoadRefused."""
        delivery = self.deliver(source, data, at)
        outcome = load(self.conn, source, self.reading(source, delivery), delivery)
        assert outcome is not None
        return outcome

    def current(self, source: Source) -> list[Cells]:
        """The current rows, cells as text, in the order of their lines."""
        return self._cells(source, "_known_to is null", "_line")

    def as_of(self, source: Source, moment: datetime) -> list[Cells]:
        """The rows known at that moment, cells as text, in the order of the key."""
        return self._cells(
            source,
            "_known_from <= %(moment)s and (_known_to is null or _known_to > %(moment)s)",
            ", ".join(source.key),
            moment=moment,
        )

    def history(self, source: Source) -> list[tuple[Any, ...]]:
        """Every version: the cells as text, _extra, _line, _known_from, _known_to."""
        query = SQL(
            "select {}, _extra, _line, _known_from, _known_to from {} order by {}, _known_from"
        ).format(
            _texts(source),
            Identifier("staging", source.name),
            SQL(", ").join(map(Identifier, source.key)),
        )
        return self.conn.execute(query).fetchall()

    def bytes_of(self, source: Source) -> list[tuple[Any, ...]]:
        """Staging to the place and the transaction of each row: equal if nothing was written."""
        query = "select ctid::text, xmin::text, staged::text from staging.{} as staged order by 1"
        return self.conn.execute(SQL(query).format(Identifier(source.name))).fetchall()

    def rejected(self, load_id: int) -> list[tuple[int, list[str], dict[str, str]]]:
        """Line, reasons and raw row of what a load rejected."""
        return self.conn.execute(
            'select line, reasons, "row" from ops.rejected_row where load_id = %s order by line',
            (load_id,),
        ).fetchall()

    def newest_load(self, source: Source) -> dict[str, Any]:
        """The newest row of ops.load."""
        with self.conn.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(
                "select * from ops.load where source = %s order by load_id desc limit 1",
                (source.name,),
            ).fetchone()
        assert found is not None
        return found

    def statuses(self, source: Source) -> list[str]:
        """What became of every load of the source, in order."""
        rows = self.conn.execute(
            "select status from ops.load where source = %s order by load_id", (source.name,)
        )
        return [status for (status,) in rows]

    def landing_tables(self) -> list[str]:
        """What is left in the landing schema."""
        rows = self.conn.execute("select tablename from pg_tables where schemaname = 'landing'")
        return [name for (name,) in rows]

    def _cells(self, source: Source, condition: str, order: str, **values: Any) -> list[Cells]:
        query = SQL("select {} from {} where {} order by {}").format(
            _texts(source),
            Identifier("staging", source.name),
            SQL(condition),
            SQL(order),
        )
        return self.conn.execute(query, values).fetchall()


def _texts(source: Source) -> Composable:
    """The cells as text; times in ISO 8601, as fixtures state them."""
    forms = {"timestamp": "(to_jsonb({} at time zone 'UTC') #>> '{{}}') || 'Z'"}
    return SQL(", ").join(
        SQL(forms.get(column.type, "{}::text")).format(Identifier(name))
        for name, column in source.columns.items()
    )


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """A desk with the loader's rights, in a warehouse without loads and staging."""
    with psycopg.connect(settings.admin_url) as admin:  # no role deletes from the ledger
        admin.execute("delete from ops.load; delete from ops.delivery")
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        rows = conn.execute("select tablename from pg_tables where schemaname = 'staging'")
        for (name,) in rows.fetchall():
            conn.execute(SQL("drop table staging.{} cascade").format(Identifier(name)))
        yield Desk(settings, conn)
