"""The switch: readers pass from one schema of marts to another between statements, within none.

A statement looks its tables up one after the other, so one that is at it while schemas are renamed
would find some in one release and some in the other. So a gate is closed before the incoming tables
while the names change. Statements that have found all their tables read on, new ones wait at the
gate for milliseconds, and one that was caught between two releases comes to wait there too: then
the names change back, it looks up again and finds what it began with, and the switch is tried anew.
Nobody is refused, and nobody who reads is waited for.

What a crash leaves behind is a release in force or not; the server opens the gate by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain, repeat
from time import monotonic, sleep

import psycopg

from utpadan.publish.gate import Gate, InUse

HOLD = 0.5
"""Seconds that the gate stays closed at most."""
PATIENCE = 60.0
"""Seconds to try for."""
_PAUSES = (0.005, 0.01, 0.02, 0.05, 0.1)
_LOOK_EVERY = 0.002
_STANDING = """
with locks as materialized (
    select pid, relation, mode, granted from pg_locks
    where
        locktype = 'relation'
        and database = (select oid from pg_database where datname = current_database())
),

at_gate as (
    select distinct locks.pid
    from locks inner join pg_class as mart on locks.relation = mart.oid
    where
        mart.relnamespace = %(incoming)s and not locks.granted
        and locks.mode = 'AccessShareLock'
),

-- A plan locks the indexes of its tables: who holds one of each has found all tables.
holders as (
    select
        locks.pid,
        bool_and(exists (
            select from pg_index as key inner join locks as other on key.indexrelid = other.relation
            where key.indrelid = locks.relation and other.pid = locks.pid
        )) as is_planned
    from locks inner join pg_class as mart on locks.relation = mart.oid
    where mart.relnamespace = %(outgoing)s and mart.relkind = 'r' and locks.granted
    group by locks.pid
),

-- How old a statement has to be for it to have found all its tables: a planned one has. Locks may
-- be of an earlier statement of its transaction, and a function is found without one, so others get
-- a moment; one that waits for a table outside of the gate has not found it, whatever its age.
earlier as (
    select
        at_work.pid,
        at_gate.pid is not null as is_at_gate,
        at_work.began_at < %(changed_at)s - interval '5 s' as is_long_at_work,
        holders.is_planned,
        clock_timestamp() - at_work.began_at as age,
        case
            when holders.is_planned and at_work.is_first_of_transaction then interval '0'
            when holders.pid is not null and at_work.waits_for_table then interval '1 day'
            when not holders.is_planned then interval '5 s'
            else interval '0.25 s'
        end as age_when_sure
    from ops.statements_at_work() as at_work
    left join at_gate on at_work.pid = at_gate.pid
    left join holders on at_work.pid = holders.pid
    where
        coalesce(at_work.began_at, '-infinity') <= %(changed_at)s
        and at_work.pid not in (select pid from locks where mode = 'AccessExclusiveLock')
)

select
    array(
        select pid from earlier
        where
            is_at_gate
            and not (coalesce(is_long_at_work, false) and coalesce(is_planned, true))
    ),
    array(select pid from earlier where not is_at_gate and age < age_when_sure)
"""
"""Sessions whose statement began before the change: those caught at the gate, and those that may
still look for a table."""

Change = Callable[[psycopg.Connection], None]


class ReadersInTheWay(RuntimeError):
    """Some statement was caught at every try; the names are as they were before."""


def switch_readers(
    conn: psycopg.Connection, url: str, *, outgoing: str, incoming: str, to: Change, back: Change
) -> None:
    """Let readers pass from one schema to the other; `to` changes the names, `back` undoes that.

    Each of both is one transaction, on a connection with autocommit. `url` is of the tables' owner.
    Raises ReadersInTheWay after a minute of tries.
    """
    schemas = {"outgoing": _oid(conn, outgoing), "incoming": _oid(conn, incoming)}
    until = monotonic() + PATIENCE
    with Gate(url, incoming, outgoing) as gate:
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            try:
                with gate.closed():
                    changed_at = _commit(conn, to)
                    caught = _caught(conn, schemas, changed_at)
                    if not caught:
                        return
                    _commit(conn, back)
                why = f"statements were caught at every try, now of the sessions (pid) {caught}"
            except InUse as error:
                why = str(error)
            if monotonic() > until:
                raise ReadersInTheWay(why)
            sleep(pause)


def _commit(conn: psycopg.Connection, change: Change) -> datetime:
    """Commit a change; returns a moment right after, of the server's clock."""
    conn.execute("begin")
    try:
        change(conn)
    except BaseException:
        conn.rollback()
        raise
    answers = conn.execute("commit; select clock_timestamp()")
    answers.nextset()
    (moment,) = answers.fetchall()[0]
    assert isinstance(moment, datetime)
    return moment


def _caught(conn: psycopg.Connection, schemas: dict[str, int], changed_at: datetime) -> list[int]:
    """Wait until every statement from before has found its tables; pids of those that do not."""
    until = monotonic() + HOLD
    while True:
        row = conn.execute(_STANDING, {**schemas, "changed_at": changed_at}).fetchone()
        assert row is not None
        caught: list[int] = row[0]
        unsure: list[int] = row[1]
        if caught or not unsure or monotonic() > until:
            return caught or unsure
        sleep(_LOOK_EVERY)


def _oid(conn: psycopg.Connection, schema: str) -> int:
    row = conn.execute("select %s::regnamespace::oid::bigint", (schema,)).fetchone()
    assert row is not None
    return int(row[0])
