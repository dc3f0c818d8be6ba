"""Good rows at a boundary are spoiled for each rule of a suite: which rules then fail?

Each rule is broken by itself in a transaction that is rolled back, and the queries of all other
rules that read what was touched are asked there. Then the gate itself is run on spoiled rows, for
the rules that were to break and for those that only Great Expectations can judge, where the cells
that they look at differ. There, rules are broken together when none of those that are asked reads
what was touched for another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import yaml
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from utpadan.quality import AuditResult, GateFailed, Outcome, Rule, Suite, audit, load_suite
from utpadan.quality.rows import name_tables
from utpadan.settings import Settings
from utpadan.source import SOURCES

TOUCHED = """
select relname from pg_stat_xact_user_tables
where schemaname = %s and n_tup_ins + n_tup_upd + n_tup_del > 0
"""
"""The tables in which this transaction has written."""

RECORDED = """
select rule_id, severity, owner from ops.check_result
where run_id = %s and boundary = %s and suite = %s and not success and fault is null
"""


@dataclass(frozen=True)
class Case:
    """A rule, the statements that break it, the tables they touch, the rules the gate is asked."""

    rule: str
    sql: str
    touched: frozenset[str]
    asked: tuple[Rule, ...]

    def is_apart_from(self, other: Case) -> bool:
        """Whether no rule that is asked for one sees what is touched for the other."""
        return not (self._seen() & other.touched or other._seen() & self.touched)

    def _seen(self) -> frozenset[str]:
        return self.touched.union(*(rule.words for rule in self.asked))


@dataclass(frozen=True)
class Boundary:
    """The tables of a warehouse under test, in `staging` or `marts_next`, with copies of them."""

    settings: Settings
    schema: str

    @property
    def url(self) -> str:
        """Of the role that judges this boundary in the nightly."""
        return self.settings.loader_url if self.schema == "staging" else self.settings.builder_url

    def keep_copies(self) -> None:
        """Copy every table, once, before the first is spoiled."""
        with self._connect() as conn:
            conn.execute("create schema pristine")
            tables = "select tablename from pg_tables where schemaname = %s"
            for (table,) in conn.execute(tables, (self.schema,)).fetchall():
                copy = SQL("create table pristine.{0} as table {1}")
                conn.execute(copy.format(Identifier(table), self._table(table)))

    def failing(self, suite: Path, spoiled: Mapping[str, str]) -> dict[str, set[str]]:
        """Each rule that is broken → every rule of the suite that fails then.

        Asserts that the gate itself finds each broken.
        """
        read = load_suite(suite)
        found: dict[str, set[str]] = defaultdict(set)
        cases = []
        with self._connect() as conn:
            name_tables(conn, read, self.schema, SOURCES)
            for rule, sql in spoiled.items():
                case, failing = self._broken_alone(conn, read, rule, sql)
                found[rule] |= failing
                cases.append(case)
        for batch in _batches(cases):
            asked = {rule.id for case in batch for rule in case.asked}
            with self.spoiled("; ".join(case.sql.rstrip().rstrip(";") for case in batch)):
                failures = self.failures(self._only(suite, asked)).keys()
            assert {case.rule for case in batch} - failures == set(), "the gate lets it pass"
            for case in batch:
                found[case.rule] |= {rule.id for rule in case.asked if rule.id in failures}
        return dict(found)

    def _broken_alone(
        self, conn: Connection, suite: Suite, rule: str, sql: str
    ) -> tuple[Case, set[str]]:
        seen = SQL("set local search_path = {}").format(
            Identifier("pg_temp" if self.schema == "staging" else self.schema)
        )
        with conn.transaction(force_rollback=True):
            touched = self._spoil(conn, sql)
            conn.execute(seen)
            seeing = [other for other in suite.rules if other.words & touched]
            queries = [other for other in seeing if other.expect is None]
            failing = {other.id for other in queries if _finds_rows(conn, other)}
            spoiled = {other.id: _cells(conn, other) for other in seeing if other.expect}
        good = {other.id: _cells(conn, other) for other in seeing if other.expect}
        asked = [other for other in seeing if good.get(other.id) != spoiled.get(other.id)]
        asked += [other for other in seeing if other.id == rule and other.expect is None]
        return Case(rule, sql, touched, tuple(asked)), failing

    @contextmanager
    def spoiled(self, sql: str) -> Iterator[None]:
        """The tables after these statements, which their keys must allow; mended afterwards."""
        with self._connect() as conn:
            with conn.transaction():
                touched = self._spoil(conn, sql)
            try:
                yield
            finally:
                conn.execute("set session_replication_role = replica")
                for table in touched:
                    self._mend(conn, table)

    def _spoil(self, conn: Connection, sql: str) -> frozenset[str]:
        """Execute statements on the tables by their bare names; gives those that they touched."""
        conn.execute(SQL("set local search_path = {}, pg_temp").format(Identifier(self.schema)))
        conn.execute(sql.encode())
        written = conn.execute(TOUCHED, (self.schema,)).fetchall()
        return frozenset(table for (table,) in written)

    def failures(self, suite: Path) -> Mapping[str, Outcome]:
        """Rule id → outcome of the rules that do not hold, as the gate finds.

        Asserts that the gate stops for an error and for nothing less, that no rule had a fault,
        and that the ledger has every failure with its owner.
        """
        result = self._judged(suite)
        failed = [outcome for outcome in result.outcomes if not outcome.success]
        assert [outcome.fault for outcome in failed if outcome.fault] == []
        with psycopg.connect(self.settings.builder_url) as conn:
            run = (result.run_id, suite.parent.name, suite.stem)
            recorded = conn.execute(RECORDED, run).fetchall()
        assert sorted(recorded) == sorted((o.rule.id, o.rule.severity, o.owner) for o in failed)
        return {outcome.rule.id: outcome for outcome in failed}

    def _judged(self, suite: Path) -> AuditResult:
        try:
            result = audit(suite, self.url, self.schema)
        except GateFailed as stopped:
            assert stopped.result.errors
            return stopped.result
        assert not [o for o in result.outcomes if not o.success and o.rule.severity == "error"]
        return result

    def _only(self, suite: Path, asked: set[str]) -> Path:
        """A copy of the suite with these rules alone."""
        tree = yaml.load(suite.read_text(encoding="utf-8"), yaml.CSafeLoader)
        tree["rules"] = [rule for rule in tree["rules"] if rule["id"] in asked]
        copy = self.settings.home / suite.parent.name / suite.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(yaml.dump(tree, Dumper=yaml.CSafeDumper), encoding="utf-8")
        return copy

    def _mend(self, conn: Connection, table: str) -> None:
        """Put the rows of the copy back; keys are not asked, since the copies satisfy them."""
        with conn.transaction():
            conn.execute(SQL("delete from {}").format(self._table(table)))
            mend = SQL("insert into {} table pristine.{}")
            conn.execute(mend.format(self._table(table), Identifier(table)))

    def _table(self, name: str) -> Identifier:
        return Identifier(self.schema, name)

    def _connect(self) -> Connection:
        return psycopg.connect(self.settings.admin_url, autocommit=True)


def _finds_rows(conn: Connection, rule: Rule) -> bool:
    """Whether the rule's query finds a row that breaks it."""
    query = SQL("select exists(select from ({}\n) as offending)").format(SQL(rule.sql))
    return conn.execute(query).fetchone() == (True,)


def _cells(conn: Connection, rule: Rule) -> list[tuple[object, ...]]:
    """All that an expectation sees: its columns, in the rows that it is about."""
    named = [name for value in rule.kwargs.values() for name in _names(value)]
    table = SQL("select * from {} where {}").format(
        Identifier(rule.table), SQL(rule.where or "true")
    )
    there = {column.name for column in conn.execute(table + SQL(" limit 0")).description or ()}
    columns = [Identifier(name) for name in named if name in there]
    query = SQL("select {} from ({}) as seen order by seen").format(SQL(", ").join(columns), table)
    return conn.execute(query).fetchall()


def _names(value: object) -> list[str]:
    return [str(part) for part in (value if isinstance(value, list) else [value])]


def _batches(cases: list[Case]) -> list[list[Case]]:
    """The cases, those together that are apart from each other."""
    batches: list[list[Case]] = []
    for case in cases:
        fitting = (b for b in batches if all(case.is_apart_from(other) for other in b))
        batch = next(fitting, None)
        if batch is None:
            batches.append([case])
        else:
            batch.append(case)
    return batches
