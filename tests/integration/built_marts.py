"""Marts built from the real input and not released yet, to be spoiled and judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import yaml
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from utpadan.migrate import migrate
from utpadan.quality import GateFailed, Outcome, audit, load_suite
from utpadan.settings import Settings

TOUCHED = """
select relname from pg_stat_xact_user_tables
where schemaname = 'marts_next' and n_tup_ins + n_tup_upd + n_tup_del > 0
"""
"""The marts in which this transaction has written."""

RECORDED = """
select rule_id, severity, owner from ops.check_result
where run_id = %s and boundary = 'marts' and suite = %s and not success and fault is null
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
    def spoiled(self, sql: str) -> Iterator[frozenset[str]]:
        """The marts after these statements, which their keys must allow; mended afterwards.

        Gives the names of those that the statements touched.
        """
        with self._connect() as conn:
            with conn.transaction():
                conn.execute(sql.encode())
                touched = frozenset(table for (table,) in conn.execute(TOUCHED).fetchall())
            try:
                yield touched
            finally:
                conn.execute("set session_replication_role = replica")
                for table in touched:
                    _mend(conn, table)

    def failures(self, suite: Path, touched: Set[str] = frozenset()) -> Mapping[str, Outcome]:
        """Rule id → outcome of the rules that do not hold, asking those that read a touched mart.

        No other rule can tell; without touched marts all are asked. Asserts that the gate stops
        for an error and for nothing less, and that the ledger has every failure with its owner.
        """
        try:
            asked = self._only_of(suite, touched) if touched else suite
            result = audit(asked, self.settings.builder_url, "marts_next")
            assert not result.errors
        except GateFailed as stopped:
            result = stopped.result
            assert result.errors
        failed = [outcome for outcome in result.outcomes if not outcome.success]
        with psycopg.connect(self.settings.builder_url) as conn:
            recorded = conn.execute(RECORDED, (result.run_id, suite.stem)).fetchall()
        assert sorted(recorded) == sorted((o.rule.id, o.rule.severity, o.owner) for o in failed)
        return {outcome.rule.id: outcome for outcome in failed}

    def _only_of(self, suite: Path, touched: Set[str]) -> Path:
        """A copy of the suite with only the rules that read a touched mart."""
        asked = {rule.id for rule in load_suite(suite).rules if rule.words & touched}
        tree = yaml.safe_load(suite.read_text(encoding="utf-8"))
        tree["rules"] = [rule for rule in tree["rules"] if rule["id"] in asked]
        copy = self.settings.home / suite.parent.name / suite.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(yaml.safe_dump(tree), encoding="utf-8")
        return copy

    def _connect(self) -> Connection:
        return psycopg.connect(
            self.settings.admin_url, autocommit=True, options="-c search_path=marts_next"
        )


def _mend(conn: Connection, table: str) -> None:
    """Put the rows of the copy back; keys are not asked, since the copies satisfy them."""
    with conn.transaction():
        conn.execute(SQL("delete from marts_next.{}").format(Identifier(table)))
        conn.execute(SQL("insert into marts_next.{0} table pristine.{0}").format(Identifier(table)))


@contextmanager
def put_back(server: Settings, settings: Settings) -> Iterator[None]:
    """Afterwards the warehouse's database is as it was before, whatever was published in it."""
    database = urlsplit(settings.admin_url).path.removeprefix("/")
    name, copy = Identifier(database), Identifier(f"{database}_before")
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute(SQL("create database {} template {}").format(copy, name))
        try:
            yield
        finally:
            conn.execute(SQL("drop database {} with (force)").format(name))
            conn.execute(SQL("alter database {} rename to {}").format(copy, name))
            migrate(settings)  # what roles may do with a database is not copied with it
