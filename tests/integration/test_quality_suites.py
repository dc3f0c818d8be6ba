"""The suites of `expectations/staging/` on the real data: all hold, and each rule can fail.

The data comes as it does every night: from `data/` and, over HTTP, from the stand-in portals.
`spoiled_staging.yml` says how to break each rule; the gate must then stop for that rule alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from portals.registry import PORTALS
from portals.server import running
from utpadan import nightly
from utpadan.quality import GateFailed, Outcome, audit, load_suite
from utpadan.settings import Settings, portal_variable
from utpadan.source import CHECKOUT, load_sources

SUITES = sorted((CHECKOUT / "expectations" / "staging").glob("*.yml"))
SPOILED = yaml.safe_load(Path(__file__).with_name("spoiled_staging.yml").read_text())
CASES = [(suite, rule) for suite, rules in SPOILED.items() for rule in rules]

OF_THE_CLOCK = {
    "events_are_recent",
    "programme_figures_are_recent",
    "statements_are_recent",
    "policy_news_is_recent",
}
"""Warnings that come true by themselves when the data in the checkout grows old."""


@dataclass(frozen=True)
class Staged:
    """A database of its own with every source loaded, and a copy of every table in `pristine`."""

    admin_url: str
    loader_url: str

    def failures(self, suite: Path) -> dict[str, Outcome]:
        """Rule id → outcome of the rules that do not hold; and the gate stops when it must."""
        try:
            result = audit(suite, self.loader_url, "staging")
            assert not result.errors
        except GateFailed as stopped:
            result = stopped.result
            assert result.errors
        return {outcome.rule.id: outcome for outcome in result.outcomes if not outcome.success}

    @contextmanager
    def spoiled(self, tables: list[str], sql: str) -> Iterator[None]:
        """Staging after these statements, which touch only these tables."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute("set search_path = staging")
            try:
                connection.execute(sql)
                yield
            finally:
                for table in tables:
                    connection.execute(
                        SQL("truncate {0}; insert into {0} table pristine.{0}").format(
                            Identifier(table)
                        )
                    )


@pytest.fixture(scope="module")
def staged(shared_warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    name = "quality_suites"
    with psycopg.connect(shared_warehouse.admin_url, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"create database {name}")
        urls = {
            role: _in_database(getattr(shared_warehouse, f"{role}_url"), name)
            for role in ("admin", "loader", "builder")
        }
        try:
            _migrate(urls["admin"])
            _load_everything(urls, tmp_path_factory.mktemp("home"))
            _keep_copies(urls["admin"])
            yield Staged(urls["admin"], urls["loader"])
        finally:
            connection.execute(f"drop database {name} with (force)")


def _in_database(url: str, name: str) -> str:
    parts = conninfo_to_dict(url)
    return (
        f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
    )


def _migrate(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        for file in sorted((CHECKOUT / "sql").glob("[0-9]*.sql")):
            connection.execute(file.read_text().encode())


def _load_everything(urls: dict[str, str], home: Path) -> None:
    sources = load_sources()
    with running() as base:
        environment = {f"UTPADAN_{role.upper()}_URL": url for role, url in urls.items()}
        environment["UTPADAN_HOME"] = str(home)
        for portal in PORTALS:
            environment[portal_variable(portal.name, "URL")] = base + portal.path
            environment[portal_variable(portal.name, "TOKEN")] = portal.token or ""
        settings = Settings.load(environment)
        pulled = nightly.pull(settings, sources.values())
        assert pulled.failed == {}
        for name in pulled.to_load:
            nightly.load_source(settings, sources[name])


def _keep_copies(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute("create schema pristine")
        for name in load_sources():
            table = Identifier(name)
            connection.execute(SQL("create table pristine.{0} as table staging.{0}").format(table))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_every_rule_holds_of_the_real_data(staged: Staged, suite: Path) -> None:
    failures = staged.failures(suite)
    assert [outcome.found for id_, outcome in failures.items() if id_ not in OF_THE_CLOCK] == []


@pytest.mark.parametrize(("suite", "rule"), CASES, ids=lambda part: part)
def test_a_rule_fails_when_its_reason_comes_true(staged: Staged, suite: str, rule: str) -> None:
    path = next(path for path in SUITES if path.stem == suite)
    case = SPOILED[suite][rule]
    with staged.spoiled(case["tables"], case["sql"]):
        failures = staged.failures(path)
    assert rule in failures
    assert failures[rule].fault is None, "it must fail on what it found, not on an error"
    assert failures.keys() - (OF_THE_CLOCK - {rule}) == {rule}


def test_every_rule_is_shown_to_fail() -> None:
    rules = {(path.stem, rule.id) for path in SUITES for rule in load_suite(path).rules}
    assert set(CASES) == rules
