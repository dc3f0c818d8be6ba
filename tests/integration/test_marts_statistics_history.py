"""What later deliveries of a statistic make of its vintages: new, changed, withdrawn, returned.

The order in which statements were published makes the vintages; the order in which deliveries
bring them does not. Staging keeps what each delivery said. Three nights deliver production of five
fiscal years, each a story of its own; then the third night is taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from built_marts import build_models, rows_of
from loading import day, open_desk

from utpadan import nightly
from utpadan.settings import Settings
from utpadan.source import Source, load_sources

Vintages = list[tuple[Decimal, date, date | None]]
"""Value in crore, and the days from and to which it was known."""

REVISIONS = """
select fy_label, value_inr / 10000000, known_from, known_to
from fct_production_revision order by fy_label, vintage_number
"""

STATEMENTS = """
select value_inr / 10000000, role, known_on, known_on_basis from fct_production_statement
where fy_label = %s order by value_inr
"""


def stated(year: str, crore: int, published_on: str | None) -> dict[str, Any]:
    """A statement of total production of a year, printed to the unit, as the portal sends it.

    A page is named by its year and figure, so the same two with another date are one page.
    """
    return {
        "fiscal_year": year,
        "sector": "total",
        "measure": "value_crore",
        "value": crore,
        "status": "not_stated",
        "published_on": published_on,
        "publisher": "Ministry",
        "source_url": f"https://ministry.example/{year}/{crore}",
        "stated_as": f"Rs {crore} crore",
    }


CHANGED = {**stated("2024-25", 150590, "2025-08-09"), "value": 150591, "stated_as": "1,50,591"}

NIGHTS = [
    [
        stated("2024-25", 146001, "2025-05-29"),
        stated("2024-25", 150590, "2025-08-09"),
        stated("2023-24", 126887, "2024-07-05"),
        stated("2023-24", 127434, "2025-11-20"),
        stated("2022-23", 106801, "2026-05-19"),  # a slip: 2023-05-19 is meant
        stated("2022-23", 108684, "2024-07-05"),
        stated("2021-22", 94801, "2022-05-19"),
        stated("2021-22", 94846, None),
        stated("2020-21", 84643, "2022-02-07"),
    ],
    [
        stated("2024-25", 146001, "2025-05-29"),
        CHANGED,
        stated("2024-25", 148003, "2025-06-30"),  # late: what came after it was there before
        stated("2024-25", 154001, "2025-11-20"),  # new
        stated("2023-24", 126887, "2024-07-05"),  # the revision of that year is withdrawn
        stated("2022-23", 106801, "2023-05-19"),  # the date is corrected
        stated("2022-23", 108684, "2024-07-05"),
        stated("2021-22", 94801, "2022-05-19"),
        stated("2021-22", 94846, "2022-12-21"),  # the page has a date now
        stated("2020-21", 84643, "2022-02-07"),
        stated("2020-21", 84667, "2021-12-06"),  # the earlier vintage, out of order
    ],
    [
        stated("2024-25", 146001, "2025-05-29"),
        stated("2024-25", 150590, "2025-08-09"),  # as it was first; the late one is withdrawn
        stated("2024-25", 154001, "2025-11-20"),
        stated("2023-24", 126887, "2024-07-05"),
        stated("2023-24", 127434, "2025-11-20"),  # returned
        stated("2022-23", 106801, "2023-05-19"),
        stated("2022-23", 108684, "2024-07-05"),
        stated("2021-22", 94801, "2022-05-19"),
        stated("2021-22", 94846, "2022-12-21"),
        stated("2020-21", 84667, "2021-12-06"),
    ],
]


class Story:
    """The vintages and statements of every fiscal year after each night."""

    def __init__(self) -> None:
        self.vintages: list[dict[str, Vintages]] = []
        self.statements: list[dict[str, list[tuple[Any, ...]]]] = []
        self.kept: list[int] = []

    def continues(self, settings: Settings) -> None:
        """Build the marts anew and write down what they say."""
        build_models(settings, "fct_production_revision", "fct_production_statement")
        found: dict[str, Vintages] = {}
        for year, crore, known_from, known_to in rows_of(settings, REVISIONS):
            found.setdefault(year, []).append((crore, known_from, known_to))
        self.vintages.append(found)
        self.statements.append({year: rows_of(settings, STATEMENTS, [year]) for year in found})


def _wide(source: Source) -> Source:
    return source.model_copy(
        update={"rows": source.rows.model_copy(update={"min": 0, "max_change": 1})}
    )


@pytest.fixture(scope="module")
def story(shared_warehouse: Settings) -> Iterator[Story]:
    source, told = _wide(load_sources()["production_annual"]), Story()
    with open_desk(shared_warehouse) as desk:
        for number, statements in enumerate(NIGHTS, start=1):
            content = {"total": len(statements), "records": statements}
            desk.load(source, json.dumps(content).encode(), day(number))
            told.continues(shared_warehouse)
        told.kept = [len(desk.as_of(source, day(number))) for number in (1, 2, 3)]
        nightly.revert_source(shared_warehouse, source)
        told.continues(shared_warehouse)
        yield told


def known(*vintages: tuple[int, str]) -> Vintages:
    """Vintages that follow each other, each known until the next; the last one until now."""
    days = [date.fromisoformat(text) for _, text in vintages]
    return [
        (Decimal(crore), known_from, known_to)
        for (crore, _), known_from, known_to in zip(vintages, days, [*days[1:], None], strict=True)
    ]


@pytest.mark.parametrize(
    ("year", "first", "second", "third"),
    [
        pytest.param(
            "2024-25",
            known((146001, "2025-05-29"), (150590, "2025-08-09")),
            known(
                (146001, "2025-05-29"),
                (148003, "2025-06-30"),
                (150591, "2025-08-09"),
                (154001, "2025-11-20"),
            ),
            known((146001, "2025-05-29"), (150590, "2025-08-09"), (154001, "2025-11-20")),
            id="new, changed and late, then withdrawn",
        ),
        pytest.param(
            "2023-24",
            known((126887, "2024-07-05"), (127434, "2025-11-20")),
            known((126887, "2024-07-05")),
            known((126887, "2024-07-05"), (127434, "2025-11-20")),
            id="withdrawn, then returned",
        ),
        pytest.param(
            "2022-23",
            known((108684, "2024-07-05"), (106801, "2026-05-19")),
            known((106801, "2023-05-19"), (108684, "2024-07-05")),
            known((106801, "2023-05-19"), (108684, "2024-07-05")),
            id="a date corrected, and with it which of two revises the other",
        ),
        pytest.param(
            "2021-22",
            known((94801, "2022-05-19")),
            known((94801, "2022-05-19"), (94846, "2022-12-21")),
            known((94801, "2022-05-19"), (94846, "2022-12-21")),
            id="a page without a date tells nothing new until it has one",
        ),
        pytest.param(
            "2020-21",
            known((84643, "2022-02-07")),
            known((84667, "2021-12-06"), (84643, "2022-02-07")),
            known((84667, "2021-12-06")),
            id="the older vintage comes last, then the newer is withdrawn",
        ),
    ],
)
def test_the_vintages_are_those_of_the_newest_delivery_by_day_of_publication(
    story: Story, year: str, first: Vintages, second: Vintages, third: Vintages
) -> None:
    assert [night[year] for night in story.vintages[:3]] == [first, second, third]


def test_taking_a_delivery_back_gives_the_vintages_before_it(story: Story) -> None:
    assert story.vintages[3] == story.vintages[1]
    assert story.statements[3] == story.statements[1]


def test_a_page_without_a_date_is_shown_as_known_since_it_was_first_fetched(story: Story) -> None:
    assert story.statements[0]["2021-22"] == [
        (94801, "first", date(2022, 5, 19), "day"),
        (94846, "contradicted", day(1).date(), "first_seen"),
    ]
    assert story.statements[1]["2021-22"][1] == (94846, "revision", date(2022, 12, 21), "day")


def test_staging_still_has_what_each_delivery_said(story: Story) -> None:
    assert story.kept == [len(statements) for statements in NIGHTS]
