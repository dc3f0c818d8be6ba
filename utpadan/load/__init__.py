"""Load: one delivery of one source into staging, in one transaction.

The landing brings the delivery in and admits what the contract understands; the admitted rows are
compared with the current versions by key. What is unchanged is not touched, what changed or is
gone from a complete delivery is closed, what is new is inserted. A refusal leaves staging as it
was; the ledger row, the rejected rows and the reason stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from psycopg import Connection
from psycopg.sql import SQL, Literal

from utpadan import events, ledger
from utpadan.ledger import Delivery, Outcome
from utpadan.load.bounds import Refusal, refuse_out_of_bounds
from utpadan.load.discretion import discreet
from utpadan.load.landing import Landing
from utpadan.load.staging import create_staging, fit_staging, staging_exists, staging_table
from utpadan.load.versions import (
    apply_versions,
    become_staging,
    clashes_with_kept,
    find_versions,
    gather_current,
)
from utpadan.source import Source
from utpadan.table import ParseError, Table

Reading = Callable[[], Table]
"""How a delivery is read; called within the load, so that a ParseError is on record too."""


class LoadRefused(RuntimeError):
    """A delivery that staging does not take; the message says why and what to do."""


def load(conn: Connection, source: Source, read: Reading, delivery: Delivery) -> Outcome | None:
    """Load one delivery and commit; None when that is done already, perhaps a moment ago.

    Raises LoadRefused when the delivery cannot be read, breaks a bound of the contract or is older
    than what staging holds; staging is then as before, and `ops.load` says why.
    """
    with discreet(source), conn.transaction():
        ledger.lock_source(conn, source.name)
        standing = ledger.standing(conn, source, delivery)
        if standing == "loaded":
            return None
        if standing == "replay":
            raise LoadRefused(_read_otherwise(source))
        outcome = _load(conn, source, read, delivery)
    _tell("load", outcome)
    if outcome.status == "refused":
        raise LoadRefused(f"{source.name}: {outcome.message}")
    return outcome


def replay(
    conn: Connection, source: Source, history: Iterable[tuple[Delivery, Reading]]
) -> list[Outcome]:
    """Rebuild staging from all deliveries, oldest first, in one transaction.

    Readers see the old rows until it is done; the views on staging live on. A delivery that was
    refused before may be refused again. One that staging holds must be taken again, or the replay
    is refused and staging stays as it was: a contract cannot lose what was understood once.
    Raises LoadRefused for that, and when the newest delivery is refused.
    """
    with discreet(source), conn.transaction():
        ledger.lock_source(conn, source.name)
        try:
            with conn.transaction():
                outcomes = list(_rebuild(conn, source, history))
        except _Lost as lost:
            outcomes = [_load(conn, source, lost.read, lost.delivery, refuse=str(lost))]
    for outcome in outcomes:
        _tell("replay", outcome)
    if outcomes and outcomes[-1].status == "refused":
        raise LoadRefused(f"{source.name}: {outcomes[-1].message}")
    return outcomes


def rebuild(
    conn: Connection, source: Source, history: Iterable[tuple[int, Delivery, Reading]]
) -> list[Outcome]:
    """Make the loads of a lost warehouse again, under their own ids, in one transaction.

    Raises LoadRefused when today's contract refuses what staging held.
    """
    with discreet(source), conn.transaction():
        ledger.lock_source(conn, source.name)
        outcomes = []
        for load_id, delivery, read in history:
            outcome = _load(conn, source, read, delivery, is_held=True, load_id=load_id)
            if outcome.status == "refused":
                raise LoadRefused(f"{source.name}: {outcome.message}")
            outcomes.append(outcome)
    return outcomes


def revert(conn: Connection, source: Source) -> int:
    """Take the newest load that changed staging back; returns its id.

    Raises LoadRefused when there is none.
    """
    with conn.transaction():
        ledger.lock_source(conn, source.name)
        found = ledger.newest_change(conn, source.name)
        if found is None:
            raise LoadRefused(f"{source.name}: no load to revert")
        load_id, known_at = found
        names = {"staging": staging_table(source), "load": Literal(load_id)}
        conn.execute(SQL("delete from {staging} where _load_id = {load}").format(**names))
        conn.execute(
            SQL("update {staging} set _known_to = null where _known_to = {at}").format(
                **names, at=Literal(known_at)
            )
        )
        ledger.mark_reverted(conn, source.name, load_id)
    events.emit("revert", source=source.name, load_id=load_id)
    return load_id


def ensure_staging(conn: Connection, sources: Iterable[Source]) -> None:
    """Give every source that never loaded an empty staging table, so that models can read it.

    Loads of the others are not waited for.
    """
    with conn.transaction():
        for source in sources:
            if staging_exists(conn, source) and ledger.newest_known_at(conn, source.name):
                continue
            ledger.lock_source(conn, source.name)
            if not staging_exists(conn, source):
                create_staging(conn, source)
            elif ledger.newest_known_at(conn, source.name) is None:
                fit_staging(conn, source)


def _tell(event: str, outcome: Outcome) -> None:
    """Say what became of a delivery, once that is committed."""
    rows = {f"rows_{name}": number for name, number in asdict(outcome.rows).items()}
    events.emit(
        event,
        source=outcome.source,
        load_id=outcome.load_id,
        delivery_id=outcome.delivery_id,
        status=outcome.status,
        **rows,
        seconds=round(sum(outcome.seconds.values()), 3),
    )


class _Lost(Exception):
    """A replay refuses a delivery that staging holds; says why."""

    def __init__(self, delivery: Delivery, read: Reading, why: str | None) -> None:
        super().__init__(
            f"today's contract refuses the delivery of {delivery.fetched_at:%Y-%m-%d %H:%M:%S}, "
            f"which staging holds; staging stays as it was until source.yml is mended: {why}"
        )
        self.delivery, self.read = delivery, read


def _rebuild(
    conn: Connection, source: Source, history: Iterable[tuple[Delivery, Reading]]
) -> Iterator[Outcome]:
    held = ledger.held(conn, source.name)
    ledger.supersede_loads(conn, source.name)
    if staging_exists(conn, source):
        conn.execute(SQL("delete from {}").format(staging_table(source)))
    for delivery, read in history:
        is_held = delivery.delivery_id in held
        outcome = _load(conn, source, read, delivery, is_held=is_held)
        if outcome.status == "refused" and is_held:
            raise _Lost(delivery, read, outcome.message)
        yield outcome


def _read_otherwise(source: Source) -> str:
    return (
        f"{source.name}: what staging holds was read by another contract; "
        f"`utpadan replay {source.name}` reads all deliveries by today's"
    )


def _load(
    conn: Connection,
    source: Source,
    read: Reading,
    delivery: Delivery,
    *,
    is_held: bool = False,
    refuse: str | None = None,
    load_id: int | None = None,
) -> Outcome:
    """Load within the caller's transaction, under a new id when `load_id` gives none.

    `is_held`: a replay of what staging held before. With `refuse` as the reason, the delivery is
    refused and only its rejected rows are found and kept.
    """
    outcome = Outcome(
        load_id or ledger.next_load_id(conn), source.name, delivery_id=delivery.delivery_id
    )
    landing = Landing(conn, source, delivery, outcome)
    newest, first = ledger.newest_known_at(conn, source.name), not staging_exists(conn, source)
    if newest is None and not first:
        fit_staging(conn, source)
    _use_the_machine(conn)
    try:
        if refuse is None:
            _refuse_older(source, delivery, newest)
        _land(landing, read(), first=first)
        if refuse is not None:
            raise Refusal(refuse)
        with outcome.timing("version"):
            if not first:
                find_versions(landing)
            refuse_out_of_bounds(landing, is_held=is_held)
            become_staging(landing) if first else apply_versions(landing)
    except (Refusal, ParseError) as refusal:
        breaches = refusal.breaches if isinstance(refusal, Refusal) else {}
        remedy = "" if is_held or refuse else _remedy(source, delivery, refusal)
        outcome.refuse(f"{refusal}{remedy}", breaches)
    ledger.record_load(conn, source, delivery, outcome)
    landing.keep_rejected()
    landing.drop()
    return outcome


def _land(landing: Landing, table: Table, *, first: bool) -> None:
    """Land and admit; a difference that does not fit what is in staging is read whole."""
    with landing.outcome.timing("land"):
        landing.copy(table)
    with landing.outcome.timing("admit"), landing.within_limits():
        landing.admit(logged=first)
        landing.resolve_repeats()
        if landing.is_difference:
            gather_current(landing)
    if landing.is_difference and table.careful and clashes_with_kept(landing):
        landing.drop()
        _land(landing, table.careful(), first=first)


def _use_the_machine(conn: Connection) -> None:
    """Let this transaction read times in UTC and use every core and enough memory."""
    conn.execute(
        "set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; "
        "set local work_mem = '256MB'; set local maintenance_work_mem = '256MB'; "
        "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; "
        "set local min_parallel_table_scan_size = '1MB'"
    )


def _refuse_older(source: Source, delivery: Delivery, newest: datetime | None) -> None:
    if newest is not None and delivery.fetched_at <= newest:
        raise Refusal(
            f"the delivery of {delivery.fetched_at:%Y-%m-%d %H:%M:%S} is older than what staging "
            f"knows ({newest:%Y-%m-%d %H:%M:%S}); `utpadan replay {source.name}` reads all "
            "deliveries in order"
        )


def _remedy(source: Source, delivery: Delivery, refusal: Exception) -> str:
    """How to look at the bytes, and to let them in where a person may decide that."""
    look = f"; `utpadan deliveries {source.name} {delivery.delivery_id} > FILE` gives its bytes"
    if isinstance(refusal, Refusal):
        accept = f"; if it is right: `utpadan accept {source.name} --reason WHY`"
        return f"{look}{accept}" if refusal.breaches else ""
    return look
