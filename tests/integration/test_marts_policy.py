"""Policies on any day, the matrix of states, and what changed between two nights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from built_marts import build_subject, rows
from policy_marts import (
    add_row,
    deliver_workbook,
    load_policies,
    remove_row,
    set_cell,
)

from utpadan.settings import Settings

IN_FORCE = """
select policy_id from marts_next.dim_policy
where
    state_code = 'IN-UP' and sector_scope = 'aerospace_and_defence'
    and valid_from <= %s and (valid_to is null or %s < valid_to)
"""

NEW_PAGE = "https://example.org/haryana-tops-up"


@pytest.fixture(scope="module")
def three_nights(
    shared_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, datetime]]:
    """The real input; a night later five edits of the workbook; another night later one back."""
    settings, folder = shared_warehouse, tmp_path_factory.mktemp("workbooks")
    load_policies(settings)
    (first,) = rows(settings.loader_url, "select min(_known_from) as night from staging.policies")
    night = first["night"]
    deliver_workbook(
        settings,
        night + timedelta(days=1),
        folder,
        set_cell("Policies", "ka-ad-2022", "Approved on", date(2022, 8, 11)),
        set_cell("Policies", "ka-ad-2022", "Published on", date(2022, 8, 13)),
        set_cell("Incentives", "INC0240", "Rate (%)", 12),
        set_cell("Incentives", "INC0240", "Cap (₹ crore)", 15),
        remove_row("Incentives", "INC0273"),
        remove_row("Policies", "ga-drone-2022"),
        add_row(
            "Incentives",
            {
                "Incentive ID": "INC9001",
                "Policy ID": "hr-ad-2022",
                "Type of incentive": "capital_subsidy",
                "Unit category": "all",
                "Zone": "all",
                "Rate (%)": 5,
                "Base": "FCI",
                "Stated as": "5% of FCI",
                "Source URL": NEW_PAGE,
                "Kind of source": "news",
            },
        ),
    )
    deliver_workbook(
        settings,
        night + timedelta(days=2),
        folder,
        add_row(
            "Policies",
            {
                "Policy ID": "ga-drone-2022",
                "State code": "IN-GA",
                "Title of the policy": "Goa Drone Policy",
                "Version": "2022",
                "Status": "in_force",
                "Notified on": date(2022, 12, 19),
                "Sector scope": "drone",
                "Stated as": "launched 19 Dec 2022",
                "Source URL": NEW_PAGE,
                "Kind of source": "news",
            },
        ),
    )
    build_subject(settings, "policy")
    yield settings, night


@pytest.fixture(scope="module")
def url(three_nights: tuple[Settings, datetime]) -> str:
    return three_nights[0].builder_url


@pytest.mark.parametrize(
    ("day", "policy"),
    [
        ("2018-07-02", []),
        ("2018-07-03", ["up-ad-2018"]),  # the day of the cabinet
        ("2018-12-04", ["up-ad-2018"]),
        ("2018-12-05", ["up-ad-2019-a1"]),  # First Amendment, in force from 05.12.2018
        ("2019-11-25", ["up-ad-2019-a1"]),  # when it was a draft still
        ("2022-08-15", ["up-ad-2019-a1"]),
        ("2022-08-16", ["up-ad-2022-a2"]),  # cabinet on 2022-08-16
        ("2025-01-23", ["up-ad-2022-a2"]),
        ("2025-01-24", ["up-ad-2024"]),  # launched 24 Jan 2025
        ("2030-01-01", ["up-ad-2024"]),
    ],
)
def test_on_every_day_one_version_of_a_policy_is_in_force(
    url: str, day: str, policy: list[str]
) -> None:
    assert [row["policy_id"] for row in rows(url, IN_FORCE, day, day)] == policy


def test_an_amendment_in_force_before_it_was_decided_says_so(url: str) -> None:
    query = "select * from marts_next.dim_policy where policy_id = 'up-ad-2019-a1'"
    (amendment,) = rows(url, query)
    assert amendment["is_amendment"] and amendment["is_backdated"]
    assert amendment["valid_from"] == date(2018, 12, 5) < amendment["last_draft_on"]
    assert amendment["last_draft_on"] == date(2019, 11, 25)
    assert amendment["enacted_on"] is None, "no publication tells when it was decided"
    (draft,) = rows(url, "select * from marts_next.dim_policy where policy_id = 'up-ad-2018-draft'")
    assert (draft["status"], draft["valid_from"], draft["valid_to"]) == ("draft", None, None)


MATRIX = """
select unit_category, zone, rate_percent_to, cap_inr_to / 10000000 as cap_crore
from marts_next.mart_state_policy_matrix
where
    state_code = 'IN-UP' and sector_scope = 'aerospace_and_defence'
    and incentive_type = 'capital_subsidy' and benefit_form = 'percent'
    and unit_category in ('all', 'msme')
    and valid_from <= %s and (valid_to is null or %s < valid_to)
order by zone, rate_percent_to
"""


@pytest.mark.parametrize(
    ("day", "cells"),
    [
        # INC0004 and INC0001, INC0003 and INC0002: the lower tiers are cells of their own
        (
            "2018-10-01",
            [
                ("all", "bundelkhand", 7.5, 7.5),
                ("all", "bundelkhand", 15, 15),
                ("all", "non_bundelkhand", 5, 5),
                ("all", "non_bundelkhand", 10, 10),
            ],
        ),
        # INC0024 and INC0023
        ("2019-11-25", [("msme", "bundelkhand", 7.5, 7.5), ("msme", "non_bundelkhand", 5, 5)]),
        # INC0032 and INC0031
        ("2023-04-01", [("all", "bundelkhand", 10, 500), ("all", "non_bundelkhand", 7, 500)]),
        # INC0037: a front-end subsidy without a rate
        ("2025-04-01", []),
    ],
)
def test_the_matrix_has_rate_cap_zone_and_category_of_any_day(
    url: str, day: str, cells: list[tuple[str, str, float, float]]
) -> None:
    assert [tuple(row.values()) for row in rows(url, MATRIX, day, day)] == cells


@pytest.mark.parametrize(
    ("state", "day", "coverage"),
    [
        ("IN-SK", "2026-04-01", {"no_policy_known"}),
        ("IN-UP", "2017-09-22", {"no_policy_known"}),  # the day before the first, of civil aviation
        ("IN-UP", "2017-09-23", {"incentive"}),
        ("IN-TN", "2020-01-01", {"no_incentive_published"}),  # tn-ad-2019 has none in the data
        ("IN-TN", "2023-01-01", {"incentive"}),
    ],
)
def test_a_state_without_incentives_says_what_is_known_of_it(
    url: str, state: str, day: str, coverage: set[str]
) -> None:
    query = """
    select distinct coverage from marts_next.mart_state_policy_matrix
    where state_code = %s and valid_from <= %s and (valid_to is null or %s < valid_to)
    """
    assert {row["coverage"] for row in rows(url, query, state, day, day)} == coverage


def test_a_unit_of_a_corridor_is_the_vendor_its_name_means(url: str) -> None:
    query = """
    select distinct unit.company, vendor.canonical_name
    from marts_next.fct_corridor_unit as unit
    inner join marts_next.dim_vendor as vendor on unit.vendor_id = vendor.vendor_id
    where unit.company = 'BrahMos Aerospace'
    """
    (brahmos,) = rows(url, query)
    assert brahmos["canonical_name"].startswith("BrahMos Aerospace")


def changes(url: str, after: datetime, until: datetime) -> set[tuple[object, ...]]:
    query = """
    select
        change.subject,
        coalesce(incentive.stated_as, change.policy_id) as what,
        change.change,
        change.changed_columns
    from marts_next.fct_policy_change as change
    left join marts_next.fct_policy_incentive_history as incentive
        on
            change.policy_incentive_id = incentive.policy_incentive_id
            and change.changed_at in (incentive.known_from, incentive.known_to)
    where change.changed_at > %s and change.changed_at <= %s
    """
    return {tuple(row.values()) for row in rows(url, query, after, until)}


def test_the_first_delivery_makes_everything_new(
    three_nights: tuple[Settings, datetime], url: str
) -> None:
    _, night = three_nights
    query = """
    select subject, change, count(*) as rows from marts_next.fct_policy_change
    where changed_at = %s group by subject, change order by subject
    """
    first = [tuple(row.values()) for row in rows(url, query, night)]
    assert first == [("incentive", "new", 274), ("policy", "new", 52)], "the lines of the files"


def test_between_two_nights_only_what_was_edited_changed(
    three_nights: tuple[Settings, datetime], url: str
) -> None:
    _, night = three_nights
    assert changes(url, night, night + timedelta(days=1)) == {
        ("policy", "ka-ad-2022", "changed", "approved_on, published_on"),
        ("policy", "ga-drone-2022", "withdrawn", None),
        ("incentive", "10% up to Rs 10 crore", "changed", "rate_percent, cap_crore"),
        ("incentive", "75% for large scale, 12 years", "withdrawn", None),
        ("incentive", "5% of FCI", "new", None),
    }


def test_what_was_withdrawn_returns_with_what_differs_from_before(
    three_nights: tuple[Settings, datetime], url: str
) -> None:
    _, night = three_nights
    second = night + timedelta(days=1)
    assert changes(url, second, second + timedelta(days=1)) == {
        ("policy", "ga-drone-2022", "returned", "nodal_agency, source_url, published_on"),
    }


@pytest.mark.parametrize(
    ("days", "approved", "goa"),
    [
        (-1, [], 0),
        (0, [date(2022, 8, 12)], 1),
        (0.99, [date(2022, 8, 12)], 1),
        (1, [date(2022, 8, 11)], 0),
        (2, [date(2022, 8, 11)], 1),
    ],
)
def test_a_policy_can_be_read_as_known_at_any_moment(
    three_nights: tuple[Settings, datetime], url: str, days: float, approved: list[date], goa: int
) -> None:
    _, night = three_nights
    moment = night + timedelta(days=days)
    query = """
    select approved_on from marts_next.dim_policy_history
    where policy_id = %s and known_from <= %s and (known_to is null or %s < known_to)
    """
    karnataka = rows(url, query, "ka-ad-2022", moment, moment)
    assert [row["approved_on"] for row in karnataka] == approved
    assert len(rows(url, query, "ga-drone-2022", moment, moment)) == goa


def test_the_present_is_what_the_last_delivery_said(url: str) -> None:
    query = "select * from marts_next.fct_policy_incentive where policy_id = %s"
    kerala = rows(
        url, query + " and base = 'fixed_capital' and rate_percent is not null", "kl-ind-2023"
    )
    assert [(row["rate_percent"], row["cap_inr"]) for row in kerala] == [(12, 150_000_000)]
    (added,) = rows(url, query + " and incentive_type = 'capital_subsidy'", "hr-ad-2022")
    document = "select url from marts_next.dim_source_document where source_document_id = %s"
    assert rows(url, document, added["source_document_id"]) == [{"url": NEW_PAGE}]
