"""The suites of `expectations/staging/` on the real data: all hold, and each rule can fail.

The data comes as it does every night: from `data/` and, over HTTP, from the stand-in portals.
`spoiled_staging.yml` says how to break each rule; the gate must then stop for that rule alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_rules import spoiled
from spoiling import Boundary

from utpadan.settings import CHECKOUT, Settings

pytestmark = pytest.mark.timeout(600)  # the first test may have to build everything

SUITES = sorted((CHECKOUT / "expectations" / "staging").glob("*.yml"))
SPOILED = spoiled("staging")

OF_THE_CLOCK = {
    "events_are_recent",
    "programme_figures_are_recent",
    "statements_are_recent",
    "policy_news_is_recent",
}
"""Warnings that come true by themselves when the data in the checkout grows old."""


@pytest.fixture(scope="module")
def staging(own_copy: Settings) -> Boundary:
    boundary = Boundary(own_copy, "staging")
    boundary.keep_copies()
    return boundary


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_every_rule_holds_of_the_real_data(staging: Boundary, suite: Path) -> None:
    failures = staging.failures(suite)
    assert [outcome.found for id_, outcome in failures.items() if id_ not in OF_THE_CLOCK] == []


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_each_rule_alone_stops_what_breaks_it(staging: Boundary, suite: Path) -> None:
    found = staging.failing(suite, SPOILED[suite.stem])
    wrong = {rule: got for rule, got in found.items() if got - (OF_THE_CLOCK - {rule}) != {rule}}
    assert wrong == {}
