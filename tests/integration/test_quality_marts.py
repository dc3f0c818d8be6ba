"""The gates of the nightly on the real input: what is built holds, and every rule can stop it.

`spoiled_marts/<suite>.yml` says how each rule of `expectations/marts/<suite>.yml` is broken. The
keys of the marts stay in force meanwhile, so that no rule can pass that only repeats a key.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import yaml
from built_marts import BuiltMarts, put_back
from real_chain import deliver_changed, load_everything

from utpadan import ledger, nightly, publish
from utpadan.publish import PublishError
from utpadan.quality import GateFailed, load_suite
from utpadan.settings import CHECKOUT, Settings
from utpadan.source import load_sources

SUITES = sorted((CHECKOUT / "expectations" / "marts").glob("*.yml"))
SPOILED = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).with_name("spoiled_marts").glob("*.yml"))
}
CASES = [(suite, rule) for suite, rules in SPOILED.items() for rule in rules]

OF_THE_CLOCK = {
    "corridor_figures_are_recent",
    "status_agrees_with_the_period",
    "terms_have_not_run_out_unnoticed",
}
"""Warnings that come true by themselves when the data in the checkout grows old."""

RELEASED_BEFORE = """
create schema marts_next;
create table marts_next.fct_production as
select
    fy_label, 'total' as sector, 'value' as measure, 'headline' as scope,
    crore * 10000000::numeric as value_inr
from (
    values ('2022-23', 108684), ('2023-24', 127434), ('2024-25', 150590)
) as stated (fy_label, crore);
create table marts_next.bridge_vendor_alias as
select
    'mous' as source_name, 'party' as role, 'somebody' as vendor_id, null::text as link_method
from generate_series(1, 10);
"""
"""Marts of August 2025: production of 2024-25 as known then, 1,50,590 crore, and of the two years
before, which was not revised since; ten places in MoUs, which all name a vendor."""

PRODUCTION = """
select value_inr from marts.fct_production
where fy_label = '2024-25' and sector = 'total' and measure = 'value' and scope = 'headline'
"""


@pytest.fixture(scope="module")
def built(shared_warehouse: Settings) -> BuiltMarts:
    """Marts of everything there is, built after every gate of staging passed; a release stands."""
    sources = load_sources()
    _release_one(shared_warehouse)
    load_everything(shared_warehouse, sources)
    for domain in nightly.domains(sources):
        nightly.gate(shared_warehouse, domain, sources)
    nightly.build(shared_warehouse, sources)
    marts = BuiltMarts(shared_warehouse)
    marts.keep_copies()
    return marts


def _release_one(settings: Settings) -> None:
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute(RELEASED_BEFORE)
        build_id = uuid4()
        ledger.record_build(conn, build_id, "models of the release before", {})
        ledger.mark_audited(conn, build_id, passed=True)
    publish.publish(settings.builder_url)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_every_rule_holds_of_what_is_built(built: BuiltMarts, suite: Path) -> None:
    failures = built.failures(suite)
    assert [outcome.found for id_, outcome in failures.items() if id_ not in OF_THE_CLOCK] == []


@pytest.mark.parametrize(("suite", "rule"), CASES, ids=lambda part: part)
def test_a_rule_fails_when_its_reason_comes_true(built: BuiltMarts, suite: str, rule: str) -> None:
    path = next(path for path in SUITES if path.stem == suite)
    with built.spoiled(SPOILED[suite][rule]) as touched:
        failures = built.failures(path, touched)
    assert rule in failures
    assert failures[rule].fault is None, "it must fail on what it found, not on an error"
    assert failures.keys() - (OF_THE_CLOCK - {rule}) == {rule}


def test_every_rule_is_shown_to_fail() -> None:
    rules = {(path.stem, rule.id) for path in SUITES for rule in load_suite(path).rules}
    assert set(CASES) == rules


def test_spoiled_marts_are_not_released_and_readers_keep_the_release_before(
    built: BuiltMarts, server: Settings
) -> None:
    settings = built.settings
    with put_back(server, settings):
        nightly.audit(settings)
        with built.spoiled(SPOILED["production"]["latest_production_grows_plausibly"]):
            with pytest.raises(GateFailed, match="a jump means a wrong unit or a wrong vintage"):
                nightly.audit(settings)
            with pytest.raises(PublishError, match="the gate has not passed marts_next"):
                publish.publish(settings.builder_url)
            assert _production_as_read(settings) == 1_505_900_000_000
        nightly.audit(settings)
        publish.publish(settings.builder_url)
        assert _production_as_read(settings) == 1_540_000_000_000, "1.54 lakh crore, the newest"


def _production_as_read(settings: Settings) -> Decimal:
    with psycopg.connect(settings.bi_url) as conn:
        ((value,),) = conn.execute(PRODUCTION).fetchall()
    return Decimal(value)


def test_a_bad_delivery_is_held_back_from_the_marts_until_it_is_reverted(
    built: BuiltMarts, tmp_path: Path
) -> None:
    settings, sources = built.settings, load_sources()
    aero_india = (b"2025-02-10,2025-02-14", b"2025-02-10,2015-02-14")
    deliver_changed(settings, sources["events"], *aero_india, tmp_path)
    (outcome,) = nightly.load_source(settings, sources["events"])
    assert (outcome.status, outcome.rows.changed, outcome.rows.rejected) == ("loaded", 1, 0)
    with pytest.raises(GateFailed, match="No event ends before it begins"):
        nightly.gate(settings, "engagement", sources)
    with pytest.raises(nightly.HeldBack, match="staging of engagement has not passed its gate"):
        nightly.build(settings, sources)
    nightly.revert_source(settings, sources["events"])
    passed = nightly.gate(settings, "engagement", sources)
    assert passed is not None
    assert not passed.errors
