"""The ledger: rows of `ops` that say what was fetched, loaded and refused, and the source locks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from utpadan.source import Source

Standing = Literal["loaded", "pending", "replay"]


@dataclass(frozen=True)
class Delivery:
    """Bytes that a source delivered; `sha256` names them in the archive."""

    delivery_id: int
    source: str
    sha256: str
    size_bytes: int
    url: str
    request_sha256: str
    etag: str | None
    last_modified: str | None
    watermark: str | None
    fetched_at: datetime


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
    """What a load did: counts of rows, warnings, seconds per step."""

    load_id: int
    source: str
    status: Literal["loaded", "unchanged", "refused"] = "unchanged"
    reading: Literal["fast", "careful", "difference"] = "fast"
    rows: Counts = field(default_factory=Counts)
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    message: str | None = None

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


def latest_delivery(conn: Connection, source: str) -> Delivery | None:
    """The newest delivery of a source, whatever became of it."""
    found = deliveries(conn, source)
    return found[-1] if found else None


def deliveries(conn: Connection, source: str) -> list[Delivery]:
    """All deliveries of a source, oldest first."""
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(
            """
            select
                delivery_id, source, sha256, size_bytes, url, request_sha256, etag,
                last_modified, watermark, fetched_at
            from ops.delivery
            where source = %s
            order by fetched_at
            """,
            (source,),
        ).fetchall()


def record_check(conn: Connection, source: str) -> None:
    """The source was asked and had nothing new."""
    conn.execute(
        """
        update ops.delivery set checked_at = clock_timestamp()
        where delivery_id = (
            select delivery_id from ops.delivery
            where source = %s order by fetched_at desc limit 1
        )
        """,
        (source,),
    )


def record_fetch_error(conn: Connection, source: str, message: str) -> None:
    """The source could not be fetched."""
    conn.execute("insert into ops.fetch_error (source, message) values (%s, %s)", (source, message))


def record_delivery(conn: Connection, source: str, facts: Mapping[str, Any]) -> Delivery:
    """Write down a new delivery, whose bytes are in the archive already.

    `facts` are the fields of Delivery but its id and source, and `requests` and `retries`.
    """
    row = conn.execute(
        """
        insert into ops.delivery (
            source, sha256, size_bytes, url, request_sha256, etag, last_modified, watermark,
            requests, retries, fetched_at, checked_at
        )
        values (
            %(source)s, %(sha256)s, %(size_bytes)s, %(url)s, %(request_sha256)s, %(etag)s,
            %(last_modified)s, %(watermark)s, %(requests)s, %(retries)s, %(fetched_at)s,
            %(fetched_at)s
        )
        returning delivery_id
        """,
        {"source": source, **facts},
    ).fetchone()
    assert row is not None
    kept = {f.name for f in fields(Delivery)} & facts.keys()
    return Delivery(delivery_id=row[0], source=source, **{name: facts[name] for name in kept})


def standing(conn: Connection, source: Source, delivery: Delivery) -> Standing:
    """Whether a delivery is in staging, waits to be loaded, or asks for a replay.

    A replay is due when staging was read under another contract. A delivery that was reverted
    counts as loaded: the same bytes do not come back by themselves.
    """
    last = conn.execute(
        """
        select contract_sha256 from ops.load
        where source = %s and status in ('loaded', 'unchanged')
        order by load_id desc limit 1
        """,
        (source.name,),
    ).fetchone()
    if last is not None and last[0] != source.contract_sha256:
        return "replay"
    known = conn.execute(
        """
        select from ops.load
        where
            source = %s and delivery_id = %s
            and status in ('loaded', 'unchanged', 'reverted')
        """,
        (source.name, delivery.delivery_id),
    ).fetchone()
    return "pending" if known is None else "loaded"


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
            warnings, message, seconds, known_at
        )
        values (
            %(load_id)s, %(source)s, %(delivery_id)s, %(contract_sha256)s, %(status)s, %(reading)s,
            %(landed)s, %(admitted)s, %(rejected)s, %(repeated)s, %(new)s, %(changed)s, %(closed)s,
            %(warnings)s, %(message)s, %(seconds)s, %(known_at)s
        )
        """,
        {
            **asdict(outcome),
            **asdict(outcome.rows),
            "seconds": Jsonb(outcome.seconds),
            "delivery_id": delivery.delivery_id,
            "contract_sha256": source.contract_sha256,
            "known_at": delivery.fetched_at,
        },
    )


def held(conn: Connection, source: str) -> set[int]:
    """The deliveries that staging holds."""
    rows = conn.execute(
        "select delivery_id from ops.load where source = %s and status in ('loaded', 'unchanged')",
        (source,),
    )
    return {row[0] for row in rows}


def supersede_loads(conn: Connection, source: str) -> None:
    """A replay reads every delivery anew: what the earlier loads did no longer holds."""
    conn.execute(
        """
        update ops.load set status = 'superseded'
        where source = %s and status in ('loaded', 'unchanged', 'refused')
        """,
        (source,),
    )


def newest_change(conn: Connection, source: str) -> tuple[int, datetime] | None:
    """The newest load that changed staging: its id and the time its rows are known from."""
    return conn.execute(
        """
        select load_id, known_at from ops.load
        where source = %s and status = 'loaded' order by load_id desc limit 1
        """,
        (source,),
    ).fetchone()


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


def newest_loads(conn: Connection) -> dict[str, int]:
    """Each source's newest load that changed staging and still holds."""
    rows = conn.execute(
        "select source, max(load_id) from ops.load where status = 'loaded' group by source"
    )
    return dict(rows.fetchall())


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


def due(conn: Connection, source: Source) -> list[Delivery]:
    """The deliveries that wait to be loaded, oldest first.

    Of complete deliveries only the newest counts; of increments every one does.
    """
    known = deliveries(conn, source.delivery_source)
    if source.delivery == "complete":
        known = known[-1:]
    return [delivery for delivery in known if standing(conn, source, delivery) == "pending"]


def reverted(conn: Connection, source: Source) -> set[int]:
    """The deliveries whose load was taken back; a replay leaves them out."""
    rows = conn.execute(
        "select delivery_id from ops.load where source = %s and status = 'reverted'",
        (source.name,),
    )
    return {row[0] for row in rows}


def gate_is_due(conn: Connection, domain: str, sources: Iterable[str]) -> bool:
    """Whether a source of the domain changed since its gate last ran, or the gate last failed."""
    row = conn.execute(
        """
        with gate as (
            select checked_at, errors from ops.gate_status
            where boundary = 'staging' and suite = %s
        )
        select
            exists (select from gate where errors > 0)
            or exists (
                select from ops.load
                where
                    source = any(%s) and status in ('loaded', 'reverted')
                    and greatest(loaded_at, reverted_at)
                    > coalesce((select checked_at from gate), '-infinity')
            )
        """,
        (domain, list(sources)),
    ).fetchone()
    return row == (True,)


def gate_is_red(conn: Connection, domain: str) -> bool:
    """Whether a domain's gate failed when it last ran."""
    row = conn.execute(
        "select errors > 0 from ops.gate_status where boundary = 'staging' and suite = %s",
        (domain,),
    ).fetchone()
    return row == (True,)


def base(conn: Connection, source: Source) -> Delivery | None:
    """The delivery whose rows are just the current ones of a complete source, if there is one.

    It is that of the newest load that holds, when every row was admitted and it was read fast.
    """
    row = conn.execute(
        """
        select delivery_id from ops.load
        where
            load_id = (
                select max(load_id) from ops.load
                where source = %s and status in ('loaded', 'unchanged')
            )
            and contract_sha256 = %s and rows_rejected = 0 and rows_repeated = 0
            and reading in ('fast', 'difference')
        """,
        (source.name, source.contract_sha256),
    ).fetchone()
    if row is None or source.delivery != "complete":
        return None
    known = deliveries(conn, source.delivery_source)
    return next((d for d in known if d.delivery_id == row[0]), None)
