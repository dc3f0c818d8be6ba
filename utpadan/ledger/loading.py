"""What loads did: `ops.load`, and the lock that a load holds on its source."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.types.json import Jsonb

from utpadan.ledger.delivery import Delivery
from utpadan.source import Source


@dataclass
class Counts:
    """Rows of one load, by what became of them."""

    landed: int = 0
    admitted: int = 0
    rejected: int = 0
    repeated: int = 0
    new: int = 0
    changed: int = 0
    closed: int = 0


@dataclass
class Outcome:
    """What a load did: counts of rows, warnings, seconds per step.

    `breaches`: of a refusal for bounds, each one that broke, with the value observed.
    """

    load_id: int
    source: str
    status: Literal["loaded", "unchanged", "refused"] = "unchanged"
    reading: Literal["fast", "careful", "difference"] = "fast"
    rows: Counts = field(default_factory=Counts)
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    message: str | None = None
    delivery_id: int | None = None
    breaches: dict[str, float] = field(default_factory=dict)

    def refuse(self, message: str, breaches: Mapping[str, float]) -> None:
        """The delivery is refused, and changes nothing."""
        self.status, self.message, self.breaches = "refused", message, dict(breaches)
        self.rows.new = self.rows.changed = self.rows.closed = 0

    @contextmanager
    def timing(self, step: str) -> Iterator[None]:
        """Add what the context takes to the seconds of the step."""
        start = time.perf_counter()
        yield
        took = time.perf_counter() - start
        self.seconds[step] = round(self.seconds.get(step, 0.0) + took, 3)


def lock_source(conn: Connection, name: str) -> None:
    """Hold the source until the transaction ends: two loads of one source never run at once."""
    conn.execute(
        "select pg_advisory_xact_lock(hashtextextended('utpadan.source.' || %s, 0))", (name,)
    )


def next_load_id(conn: Connection) -> int:
    """A new load's id, so that rows can carry it before the load is recorded."""
    row = conn.execute("select nextval(pg_get_serial_sequence('ops.load', 'load_id'))").fetchone()
    assert row is not None
    return int(row[0])


def record_load(conn: Connection, source: Source, delivery: Delivery, outcome: Outcome) -> None:
    """Write down what a load did."""
    conn.execute(
        """
        insert into ops.load (
            load_id, source, delivery_id, contract_sha256, status, reading, rows_landed,
            rows_admitted, rows_rejected, rows_repeated, rows_new, rows_changed, rows_closed,
            warnings, message, seconds, known_at, breaches
        )
        values (
            %(load_id)s, %(source)s, %(delivery_id)s, %(contract_sha256)s, %(status)s, %(reading)s,
            %(landed)s, %(admitted)s, %(rejected)s, %(repeated)s, %(new)s, %(changed)s, %(closed)s,
            %(warnings)s, %(message)s, %(seconds)s, %(known_at)s, %(breaches)s
        )
        """,
        {
            **asdict(outcome),
            **asdict(outcome.rows),
            "seconds": Jsonb(outcome.seconds),
            "delivery_id": delivery.delivery_id,
            "contract_sha256": source.contract_sha256,
            "known_at": delivery.fetched_at,
            "breaches": Jsonb(outcome.breaches) if outcome.breaches else None,
        },
    )


def newest_known_at(conn: Connection, source: str) -> datetime | None:
    """Up to when staging knows the source."""
    row = conn.execute(
        """
        select max(known_at) from ops.load
        where source = %s and status in ('loaded', 'unchanged')
        """,
        (source,),
    ).fetchone()
    return row[0] if row else None


@dataclass(frozen=True)
class Refused:
    """A source's newest load, when it was refused; `breaches` are None unless bounds broke."""

    delivery_id: int
    contract_sha256: str
    message: str
    breaches: Mapping[str, float] | None


def newest_refusal(conn: Connection, source: str) -> Refused | None:
    """What the newest load of the source was refused for; None when it was not."""
    row = conn.execute(
        """
        select status, delivery_id, contract_sha256, message, breaches from ops.load
        where source = %s and status <> 'superseded'
        order by load_id desc limit 1
        """,
        (source,),
    ).fetchone()
    return Refused(*row[1:]) if row and row[0] == "refused" else None


def what_became(conn: Connection, source: str) -> dict[int, tuple[str, str | None]]:
    """Delivery → status and message of its newest load."""
    rows = conn.execute(
        """
        select distinct on (delivery_id) delivery_id, status, message from ops.load
        where source = %s order by delivery_id, load_id desc
        """,
        (source,),
    )
    return {delivery_id: (status, message) for delivery_id, status, message in rows}


def newest_loads(conn: Connection) -> dict[str, int]:
    """Each source's newest load that changed staging and still holds."""
    rows = conn.execute(
        "select source, max(load_id) from ops.load where status = 'loaded' group by source"
    )
    return dict(rows.fetchall())


def staging_state(conn: Connection) -> str:
    """Another text after every load that changed staging, and after every one taken back."""
    row = conn.execute(
        """
        select coalesce(md5(string_agg(load_id || status, ',' order by load_id)), '') from ops.load
        where status in ('loaded', 'reverted')
        """
    ).fetchone()
    assert row is not None
    return str(row[0])


def newest_change(conn: Connection, source: str) -> tuple[int, datetime] | None:
    """The newest load that changed staging: its id and the time its rows are known from."""
    return conn.execute(
        """
        select load_id, known_at from ops.load
        where source = %s and status = 'loaded' order by load_id desc limit 1
        """,
        (source,),
    ).fetchone()


def supersede_loads(conn: Connection, source: str) -> None:
    """A replay reads every delivery anew: what the earlier loads did no longer holds."""
    conn.execute(
        """
        update ops.load set status = 'superseded'
        where source = %s and status in ('loaded', 'unchanged', 'refused')
        """,
        (source,),
    )


def mark_reverted(conn: Connection, source: str, load_id: int) -> None:
    """The load was taken back, and with it those after it, which changed nothing.

    Their bytes are not loaded again by themselves.
    """
    conn.execute(
        """
        update ops.load set status = 'reverted', reverted_at = clock_timestamp()
        where source = %s and load_id >= %s and status in ('loaded', 'unchanged')
        """,
        (source, load_id),
    )
