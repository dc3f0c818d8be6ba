"""Load: one delivery of one source into staging, in one transaction.

The landing brings the delivery in and admits what the contract understands; the admitted rows are
compared with the current versions by key. What is unchanged is not touched, what changed or is
gone from a complete delivery is closed, what is new is inserted. A refusal leaves staging as it
was; the ledger row, the rejected rows and the reason stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan import ledger
from utpadan.ledger import Delivery, Outcome
from utpadan.load.landing import Landing
from utpadan.load.staging import META, create_staging, finish_staging, staging_exists, staging_table
from utpadan.source import Source
from utpadan.table import ParseError, Table

Reading = Callable[[], Table]
"""How a delivery is read; called within the load, so that a ParseError is on record too."""


class LoadRefused(RuntimeError):
    """A delivery that staging does not take; the message says why and what to do."""


class _Refusal(Exception):
    """A reason to refuse, found on the way."""


def load(conn: Connection, source: Source, read: Reading, delivery: Delivery) -> Outcome:
    """Load one delivery and commit.

    Raises LoadRefused when the delivery cannot be read, breaks a bound of the contract or is older
    than what staging holds; staging is then as before, and `ops.load` says why.
    """
    with conn.transaction():
        ledger.lock_source(conn, source.name)
        outcome = _load(conn, source, read, delivery)
    if outcome.status == "refused":
        raise LoadRefused(f"{source.name}: {outcome.message}")
    return outcome


def replay(
    conn: Connection, source: Source, history: Iterable[tuple[Delivery, Reading]]
) -> list[Outcome]:
    """Rebuild staging from all deliveries, oldest first, in one transaction.

    Refused deliveries are refused again, by today's contract; none of them stops the replay.
    """
    with conn.transaction():
        ledger.lock_source(conn, source.name)
        ledger.supersede_loads(conn, source.name)
        conn.execute(SQL("drop table if exists {} cascade").format(staging_table(source)))
        return [_load(conn, source, read, delivery) for delivery, read in history]


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
        ledger.mark_reverted(conn, load_id)
    return load_id


def ensure_staging(conn: Connection, sources: Iterable[Source]) -> None:
    """Give every source that never loaded an empty staging table, so that models can read it."""
    with conn.transaction():
        for source in sources:
            ledger.lock_source(conn, source.name)
            if not staging_exists(conn, source):
                create_staging(conn, source)


def _load(conn: Connection, source: Source, read: Reading, delivery: Delivery) -> Outcome:
    outcome = Outcome(ledger.next_load_id(conn), source.name)
    landing = Landing(conn, source, delivery, outcome)
    first = not staging_exists(conn, source)
    _use_the_machine(conn)
    try:
        _refuse_older(conn, source, delivery)
        with _timing(outcome, "land"):
            landing.copy(read())
        with _timing(outcome, "admit"):
            landing.admit(logged=first)
            landing.resolve_repeats()
            _refuse_out_of_bounds(source, outcome)
        with _timing(outcome, "version"):
            _become_staging(landing) if first else _compare(landing)
    except (_Refusal, ParseError) as refusal:
        outcome.status, outcome.message = "refused", str(refusal)
    ledger.record_load(conn, source, delivery, outcome)
    landing.keep_rejected()
    landing.drop()
    return outcome


def _use_the_machine(conn: Connection) -> None:
    """Let the set-based passes of this transaction use every core and enough memory."""
    conn.execute(
        "set local work_mem = '256MB'; set local maintenance_work_mem = '256MB'; "
        "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; "
        "set local min_parallel_table_scan_size = '1MB'"
    )


@contextmanager
def _timing(outcome: Outcome, step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    outcome.seconds[step] = round(time.perf_counter() - start, 3)


def _refuse_older(conn: Connection, source: Source, delivery: Delivery) -> None:
    newest = ledger.newest_known_at(conn, source.name)
    if newest is not None and delivery.fetched_at <= newest:
        raise _Refusal(
            f"the delivery of {delivery.fetched_at:%Y-%m-%d %H:%M:%S} is older than what staging "
            f"knows ({newest:%Y-%m-%d %H:%M:%S}); `utpadan replay {source.name}` reads all "
            "deliveries in order"
        )


def _refuse_out_of_bounds(source: Source, outcome: Outcome) -> None:
    rows = outcome.rows
    bad_share = rows.rejected / rows.landed if rows.landed else 0.0
    if bad_share > source.max_bad_share:
        raise _Refusal(
            f"{rows.rejected} of {rows.landed} rows are rejected ({bad_share:.1%}), more than "
            f"max_bad_share {source.max_bad_share:.1%}; `utpadan rejected {source.name}` shows them"
        )
    if rows.admitted < source.rows.min:
        raise _Refusal(
            f"{rows.admitted} rows admitted, fewer than rows.min {source.rows.min}; "
            "is the delivery whole?"
        )
    if rows.admitted > source.rows.max:
        outcome.warnings.append(
            f"{rows.admitted} rows admitted, more than rows.max {source.rows.max}"
        )


def _become_staging(landing: Landing) -> None:
    """The first load of a source: the admitted rows are the staging table."""
    landing.run("alter table {admitted} set schema staging")
    moved = Identifier("staging", landing.admitted_name)
    landing.run(
        "alter table {moved} rename to {name}", moved=moved, name=Identifier(landing.source.name)
    )
    finish_staging(landing.conn, landing.source)
    landing.rows.new = landing.rows.admitted
    landing.outcome.status = "loaded"


def _compare(landing: Landing) -> None:
    """Find what differs from the current versions; close and insert just that."""
    rows = landing.rows
    delta = Identifier("landing", f"{landing.name}_delta")
    _find_delta(landing, delta)
    count = landing.conn.execute(
        SQL(
            "select count(*) filter (where old is null), "
            "count(*) filter (where old is not null and _line is not null), "
            "count(*) filter (where _line is null) from {}"
        ).format(delta)
    ).fetchone()
    assert count is not None
    rows.new, rows.changed, rows.closed = count
    try:
        _refuse_too_much_change(landing)
        if rows.new or rows.changed or rows.closed:
            _write_delta(landing, delta)
            landing.outcome.status = "loaded"
    finally:
        landing.run("drop table {delta}", delta=delta)


def _find_delta(landing: Landing, delta: Composable) -> None:
    source = landing.source
    landing.run(
        "create unlogged table {delta} as select {new}, current.old "
        "from {admitted} as admitted {join} join "
        "(select ctid as old, * from {staging} where _known_to is null) as current on {same_key} "
        "where admitted._line is null or current.old is null "
        "or ({mine}) is distinct from ({theirs})",
        delta=delta,
        new=_of("admitted", (*source.columns, *META)),
        join=SQL("full") if source.delivery == "complete" else SQL("left"),
        same_key=SQL(" and ").join(_same(source, name) for name in source.key),
        mine=_of("admitted", (*source.columns, "_extra")),
        theirs=_of("current", (*source.columns, "_extra")),
    )


def _of(alias: str, names: Iterable[str]) -> Composable:
    return SQL(", ").join(Identifier(alias, name) for name in names)


def _same(source: Source, name: str) -> Composable:
    """Equality of a key column that can be hashed; nulls are equal."""
    mine, theirs = Identifier("admitted", name), Identifier("current", name)
    if source.columns[name].required:
        return SQL("{} = {}").format(mine, theirs)
    return SQL("coalesce({}::text, '') = coalesce({}::text, '')").format(mine, theirs)


def _refuse_too_much_change(landing: Landing) -> None:
    rows, allowed = landing.rows, landing.source.rows.max_change
    row = landing.conn.execute(
        SQL("select count(*) from {} where _known_to is null").format(staging_table(landing.source))
    ).fetchone()
    assert row is not None
    touched = rows.changed + rows.closed
    if row[0] and touched / row[0] > allowed:
        share, rows.new, rows.changed, rows.closed = touched / row[0], 0, 0, 0
        raise _Refusal(
            f"{touched} of {row[0]} current rows would change or close ({share:.1%}), more than "
            f"rows.max_change {allowed:.1%}"
        )


def _write_delta(landing: Landing, delta: Composable) -> None:
    landing.run(
        "update {staging} as current set _known_to = {known_at} from {delta} as delta "
        "where current.ctid = delta.old",
        delta=delta,
    )
    landing.run(
        "insert into {staging} select {new} from {delta} as delta where delta._line is not null",
        delta=delta,
        new=_of("delta", (*landing.source.columns, *META)),
    )
