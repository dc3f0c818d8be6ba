"""Marts built from the real input and not released yet, to be spoiled and judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from utpadan.quality import GateFailed, Outcome, audit
from utpadan.settings import Settings

TOUCHED = """
select relname from pg_stat_xact_user_tables
where schemaname = 'marts_next' and n_tup_ins + n_tup_upd + n_tup_del > 0
"""
"""The marts in which this transaction has written."""

FINDINGS = """
select rule_id, severity from ops.open_finding
where boundary = 'marts' and suite = %s and fault is null
"""


@dataclass(frozen=True)
class BuiltMarts:
    """`marts_next` of a warehouse, with a copy of every table in the schema `pristine`."""

    settings: Settings

    def keep_copies(self) -> None:
        """Copy every mart, once, before the first is spoiled."""
        with self._connect() as conn:
            conn.execute("create schema pristine")
            for (table,) in conn.execute(
                "select tablename from pg_tables where schemaname = 'marts_next'"
            ).fetchall():
                conn.execute(
                    SQL("create table pristine.{0} as table marts_next.{0}").format(
                        Identifier(table)
                    )
                )

    @contextmanager
    def spoiled(self, sql: str) -> Iterator[None]:
        """The marts after these statements, which their keys must allow, and mended afterwards."""
        with self._connect() as conn:
            with conn.transaction():
                conn.execute(sql.encode())
                touched = [table for (table,) in conn.execute(TOUCHED).fetchall()]
            try:
                yield
            finally:
                conn.execute("set session_replication_role = replica")
                for table in touched:
                    _mend(conn, table)

    def failures(self, suite: Path) -> Mapping[str, Outcome]:
        """Rule id → outcome of the rules that do not hold.

        Asserts that the gate lets pass or stops as the severities of these demand, and that they
        are what the ledger lists as open.
        """
        try:
            result = audit(suite, self.settings.builder_url, "marts_next")
            assert not result.errors
        except GateFailed as stopped:
            result = stopped.result
            assert result.errors
        failed = {outcome.rule.id: outcome for outcome in result.outcomes if not outcome.success}
        with psycopg.connect(self.settings.builder_url) as conn:
            recorded = dict(conn.execute(FINDINGS, (suite.stem,)).fetchall())
        assert recorded == {name: outcome.rule.severity for name, outcome in failed.items()}
        return failed

    def _connect(self) -> Connection:
        return psycopg.connect(
            self.settings.admin_url, autocommit=True, options="-c search_path=marts_next"
        )


def _mend(conn: Connection, table: str) -> None:
    """Put the rows of the copy back; keys are not asked, since the copies satisfy them."""
    with conn.transaction():
        conn.execute(SQL("delete from marts_next.{}").format(Identifier(table)))
        conn.execute(SQL("insert into marts_next.{0} table pristine.{0}").format(Identifier(table)))
