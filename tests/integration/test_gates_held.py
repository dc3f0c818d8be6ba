"""Gates judge what goes on to readers, all of it, and nothing else: no way leads around one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from loading import Desk, day, figures, open_desk
from publishing import audit_marts, build_marts, release, withdraw_all

from utpadan import nightly, publish
from utpadan.nightly import HeldBack
from utpadan.publish import PublishError
from utpadan.quality import SuiteError
from utpadan.settings import CHECKOUT, Settings
from utpadan.source import Source

ONE_YEAR = b"year,sector,value\n2023-24,,127434\n"
TWO_YEARS = ONE_YEAR + b"2024-25,,154000\n"


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    """A warehouse whose staging has one load and whose readers have one release."""
    withdraw_all(shared_warehouse)
    with open_desk(shared_warehouse) as desk:
        desk.load(figures(), ONE_YEAR, day(1))
        release(shared_warehouse, 1)
        yield desk


def may_load(settings: Settings, source: Source) -> bool:
    lock = "select pg_try_advisory_xact_lock(hashtextextended('utpadan.source.' || %s, 0))"
    with psycopg.connect(settings.loader_url) as conn:
        return conn.execute(lock, (source.name,)).fetchone() == (True,)


def test_no_load_comes_in_unseen_while_a_gate_judges_its_domain(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is reverted, a verdict on its rows would stand for those of the load before."""
    elsewhere = figures(name="elsewhere", domain="engagement")
    sources = {"figures": figures(), "elsewhere": elsewhere}
    meanwhile: dict[str, bool] = {}

    def audit(*_: Any, **__: Any) -> None:
        for name, source in sources.items():
            meanwhile[name] = may_load(desk.settings, source)

    monkeypatch.setattr("utpadan.quality.audit", audit)
    nightly.gate(desk.settings, "production_exports", sources)
    assert meanwhile == {"figures": False, "elsewhere": True}
    assert may_load(desk.settings, figures())


def test_marts_are_not_judged_beside_a_staging_that_they_were_not_built_from(desk: Desk) -> None:
    build_marts(desk.settings, 2)
    desk.load(figures(), TWO_YEARS, day(2))
    with pytest.raises(HeldBack, match="staging has changed since marts_next was built"):
        nightly.audit(desk.settings)
    with pytest.raises(PublishError, match="the gate has not passed marts_next"):
        publish.publish(desk.settings.builder_url)


def test_an_audit_that_cannot_be_done_takes_back_that_an_earlier_one_passed(desk: Desk) -> None:
    audit_marts(desk.settings, build_marts(desk.settings, 2))
    desk.load(figures(), TWO_YEARS, day(2))
    with pytest.raises(HeldBack):
        nightly.audit(desk.settings)
    with pytest.raises(PublishError, match="the gate has not passed marts_next"):
        publish.publish(desk.settings.builder_url)


def test_an_audit_of_one_build_lets_no_other_build_pass(desk: Desk) -> None:
    audit_marts(desk.settings, build_marts(desk.settings, 2))
    build_marts(desk.settings, 3)
    with pytest.raises(PublishError, match="the gate has not passed marts_next"):
        publish.publish(desk.settings.builder_url)


def test_one_audit_runs_at_a_time(desk: Desk) -> None:
    """Or one that began before the data was spoiled could pass what the next one has stopped."""
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with (
        psycopg.connect(desk.settings.builder_url, autocommit=True) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("select pg_advisory_lock(hashtextextended('utpadan.audit', 0))")
        audit = pool.submit(nightly.audit, desk.settings)
        while other.execute(waiting).fetchone() == (0,):
            assert not audit.done()
            time.sleep(0.05)
        other.execute("select pg_advisory_unlock_all()")
        with pytest.raises(HeldBack, match="there is no whole marts_next to judge"):
            audit.result()


@pytest.mark.parametrize("without", ["marts/*", "staging/across_domains.yml"])
def test_an_audit_without_rules_lets_nothing_pass(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    build_marts(desk.settings, 2)
    for suite in sorted((CHECKOUT / "expectations").glob("*/*.yml")):
        if not suite.match(without):
            copy = tmp_path / suite.parent.name / suite.name
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(suite.read_bytes())
    monkeypatch.setattr("utpadan.nightly.EXPECTATIONS", tmp_path)
    with pytest.raises((HeldBack, SuiteError), match="a gate needs"):
        nightly.audit(desk.settings)
    with pytest.raises(PublishError, match="the gate has not passed marts_next"):
        publish.publish(desk.settings.builder_url)
