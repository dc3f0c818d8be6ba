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
from gate_rules import spoiled
from real_chain import deliver_changed
from spoiling import Boundary

from utpadan import ledger, nightly, publish
from utpadan.publish import PublishError
from utpadan.quality import GateFailed
from utpadan.settings import CHECKOUT, Settings
from utpadan.source import load_sources

pytestmark = pytest.mark.timeout(600)  # the first test may have to build everything

SUITES = sorted((CHECKOUT / "expectations" / "marts").glob("*.yml"))
SPOILED = spoiled("marts")

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
def marts(own_copy: Settings) -> Boundary:
    """Marts of everything there is, built after every gate of staging passed; a release stands."""
    _release_one_before(own_copy)
    boundary = Boundary(own_copy, "marts_next")
    boundary.keep_copies()
    return boundary


def _release_one_before(settings: Settings) -> None:
    """Other marts are published, and those that are built wait for their gate as before."""
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        conn.execute("alter schema marts_next rename to built")
        with psycopg.connect(settings.builder_url, autocommit=True) as builder:
            builder.execute(RELEASED_BEFORE)
            build_id = uuid4()
            ledger.record_build(builder, build_id, "models of the release before", {})
            ledger.mark_audited(builder, build_id, passed=True)
        publish.publish(settings.builder_url)
        conn.execute("alter schema built rename to marts_next")


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_every_rule_holds_of_what_is_built(marts: Boundary, suite: Path) -> None:
    failures = marts.failures(suite)
    assert [outcome.found for id_, outcome in failures.items() if id_ not in OF_THE_CLOCK] == []


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_each_rule_alone_stops_what_breaks_it(marts: Boundary, suite: Path) -> None:
    found = marts.failing(suite, SPOILED[suite.stem])
    wrong = {rule: got for rule, got in found.items() if got - (OF_THE_CLOCK - {rule}) != {rule}}
    assert wrong == {}


def test_a_bad_delivery_is_held_back_from_the_marts_until_it_is_reverted(
    marts: Boundary, tmp_path: Path
) -> None:
    settings, sources = marts.settings, load_sources()
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


def test_spoiled_marts_are_not_released_and_readers_keep_the_release_before(
    marts: Boundary,
) -> None:
    """The last one here: in the end, what was built is published."""
    settings = marts.settings
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        build_id = ledger.build_in_marts_next(conn)
        assert build_id is not None
        ledger.mark_audited(conn, build_id, passed=True)  # as long as they were good
    with marts.spoiled(SPOILED["production"]["latest_production_grows_plausibly"]):
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
