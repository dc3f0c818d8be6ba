"""A gate before the tables of a schema: who comes to read one waits, who reads one goes on reading.

One session locks every table that nobody uses. Before a table in use, a lock that is merely asked
for does as well, since newcomers queue up behind it; it takes a session of its own. The server
opens the gate by itself when this process or its machine is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from time import sleep

import psycopg
from psycopg.sql import SQL, Identifier

AT_MOST = 10
"""Tables in use before which a gate can be closed."""
_SAFEGUARDS = "set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '10s'"
_USERS = """
select
    mart.relname,
    coalesce(array_agg(lock.pid) filter (where lock.pid is not null), '{}')
from pg_class as mart
left join pg_locks as lock
    on
        mart.oid = lock.relation and lock.granted and lock.pid <> pg_backend_pid()
        and lock.database = (select oid from pg_database where datname = current_database())
where mart.relnamespace = %s::regnamespace and mart.relkind = 'r'
group by mart.relname
"""
_YOUNG = """
select exists (
    select from ops.statements_at_work()
    where pid = any(%s) and began_at > clock_timestamp() - interval '5 s'
)
"""
_HAS_ASKED = "select from pg_locks where pid = %s and mode = 'AccessExclusiveLock'"


class InUse(RuntimeError):
    """There is no gate before so many tables in use; the message names some."""


class Gate:
    """Before all tables of a schema, which may come to be called `renamed`; open at first."""

    def __init__(self, url: str, schema: str, renamed: str) -> None:
        self._url, self._schema, self._renamed = url, schema, renamed
        self._conn = psycopg.connect(url, autocommit=True)
        self._conn.execute(_SAFEGUARDS)

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self._conn.close()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody is inside who has just begun: it may have come in while the gate was open.

        Raises InUse.
        """
        while True:
            with ExitStack() as stack:
                stack.enter_context(self._conn.transaction(force_rollback=True))
                for name in self._lock_free():
                    stack.enter_context(self._asking(name))
                if not self._has_young_users():
                    yield
                    return
            sleep(0.002)

    def _lock_free(self) -> list[str]:
        """Lock the tables that nobody uses; returns the others."""
        while True:
            users = self._users()
            used = [name for name, pids in users.items() if pids]
            if len(used) > AT_MOST:
                raise InUse(f"{len(used)} tables of {self._schema} are in use, such as {used[0]}")
            try:
                self._lock([name for name in users if name not in used])
            except psycopg.errors.LockNotAvailable:
                continue  # somebody was quicker
            return used

    def _users(self) -> dict[str, list[int]]:
        """The other sessions that hold a lock, by table."""
        return dict(self._conn.execute(_USERS, (self._schema,)).fetchall())

    def _has_young_users(self) -> bool:
        pids = sorted({pid for pids in self._users().values() for pid in pids})
        return bool(pids) and self._conn.execute(_YOUNG, (pids,)).fetchone() == (True,)

    def _lock(self, names: Sequence[str]) -> None:
        if names:
            tables = SQL(", ").join(Identifier(self._schema, name) for name in names)
            with self._conn.transaction():
                self._conn.execute(
                    SQL("lock table {} in access exclusive mode nowait").format(tables)
                )

    @contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        """Ask for the table's lock, and let it be in the end, whether or not it came.

        When it comes, the server looks the table up once more, under either name of its schema.
        """
        lock = SQL("lock table {} in access exclusive mode").format(Identifier(name))
        path = SQL(", ").join(map(Identifier, (self._schema, self._renamed)))
        with psycopg.connect(self._url) as conn, ThreadPoolExecutor(1) as pool:
            conn.execute(_SAFEGUARDS)
            conn.execute(SQL("set search_path = {}").format(path))
            asking = pool.submit(conn.execute, lock)
            try:
                pid = (conn.info.backend_pid,)
                while self._conn.execute(_HAS_ASKED, pid).fetchone() is None and not asking.done():
                    sleep(0.001)
                yield
            finally:
                conn.cancel_safe()
                with suppress(psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
                    asking.result()
                conn.rollback()
