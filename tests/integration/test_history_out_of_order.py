"""A delivery that arrives after a newer one, and a source that corrects its date.

What arrives late is archived and changes nothing by itself, since staging knows later than that; a
replay puts it in its place. Vendors and policies are followed to their marts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import md5

import pytest
from built_marts import build_models, rows
from policy_marts import deliver_workbook, set_cell
from real_chain import load_everything
from vendor_marts import Registration, deliver_registry

from utpadan import nightly
from utpadan.settings import Settings
from utpadan.source import load_sources

SOURCES = load_sources()
ZMOTION = md5(b"=Zmotion Autonomous Systems").hexdigest()
PAGE = "https://example.org/a-page-with-a-wrong-date"
KINDS = """
select vendor_type, known_from, known_to from marts_next.dim_vendor_history
where vendor_id = %s order by version_number
"""
RATES = """
select rate_percent, known_from, known_to from marts_next.fct_policy_incentive_history
where stated_as = '10%% up to Rs 10 crore' and policy_id = 'kl-ind-2023' order by known_from
"""
PAGE_DATES = """
select published_on, is_date_disputed from marts_next.dim_source_document where url = %s
"""

Nights = tuple[Settings, list[datetime]]


def of_kind(kind: str, published_on: str, registrations: list[Registration]) -> list[Registration]:
    """Zmotion as of this kind, from a page of its own with this date."""
    for row in registrations:
        if row["canonicalName"] == "Zmotion Autonomous Systems":
            row.update(vendorType=kind, sourceUrl=PAGE, publishedOn=published_on)
    return registrations


@pytest.fixture(scope="module")
def nights(
    shared_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nights]:
    """The real input; a third night; and then the deliveries of the second night arrive."""
    settings, folder = shared_warehouse, tmp_path_factory.mktemp("late")
    domains = ("vendor_registry", "state_policy")
    load_everything(settings, {n: s for n, s in SOURCES.items() if s.domain in domains})
    (first,) = rows(
        settings.loader_url, "select max(_known_from) as night from staging.srijan_deep_vendors"
    )
    night = [first["night"] + timedelta(days=day) for day in range(3)]
    rate = partial(set_cell, "Incentives", "INC0240", "Rate (%)")
    deliver_registry(settings, night[2], folder, partial(of_kind, "msme", "2026-01-06"))
    deliver_workbook(settings, night[2], folder, rate(14))
    deliver_registry(settings, night[1], folder, partial(of_kind, "private_large", "2026-01-05"))
    deliver_workbook(settings, night[1], folder, rate(12))
    yield settings, night


def test_a_late_delivery_waits_for_a_replay_that_puts_it_in_its_place(nights: Nights) -> None:
    settings, night = nights
    build_models(settings, "dim_vendor_history")
    assert known(settings, KINDS, ZMOTION) == [
        ("startup", night[0], night[2]),
        ("msme", night[2], None),
    ]
    for name in ("srijan_deep_vendors", "policy_incentives"):
        assert len(nightly.replay_source(settings, SOURCES[name])) == 3
    build_models(
        settings, "dim_vendor_history", "dim_source_document", "fct_policy_incentive_history"
    )
    assert known(settings, KINDS, ZMOTION) == [
        ("startup", night[0], night[1]),
        ("private_large", night[1], night[2]),
        ("msme", night[2], None),
    ]
    # The page was dated 2026-01-05 at first and 2026-01-06 in the newest delivery.
    assert known(settings, PAGE_DATES, PAGE) == [(date(2026, 1, 6), False)]
    moments = [(r, start, end) for r, start, end in known(settings, RATES)]
    assert [r for r, _, _ in moments] == [10, 12, 14]
    assert [start for _, start, _ in moments[1:]] == [night[1], night[2]]
    assert [end for _, _, end in moments] == [night[1], night[2], None]


def known(settings: Settings, query: str, *values: object) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(settings.builder_url, query, *values)]
