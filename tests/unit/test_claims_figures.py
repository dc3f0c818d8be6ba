"""Figures, periods and sentences: the forms in which Indian texts write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from utpadan.claims.figures import Figure, figures
from utpadan.claims.periods import periods
from utpadan.claims.sentences import sentences

CRORE = 10**7


def only(text: str) -> Figure:
    (figure,) = figures(text)
    return figure


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("Rs 1,50,590 crore", "INR", 150_590 * CRORE),
        ("Rs. 8,434.84 crore", "INR", Decimal("8434.84") * CRORE),
        ("₹1.27 lakh crore", "INR", 127_000 * CRORE),
        ("₹ 1.54 lakh-crore", "INR", 154_000 * CRORE),
        ("Rs\u00a01,06,800\u00a0crore", "INR", 106_800 * CRORE),
        ("Rs 3 trillion", "INR", 3 * 10**12),  # a lakh crore is a trillion
        ("Rs 50 thousand crore", "INR", 50_000 * CRORE),
        ("1.46 lakh crore", "INR", 146_000 * CRORE),  # crore without a currency is rupees
        ("21,083 crore rupees", "INR", 21_083 * CRORE),
        ("Rs 88,319 cr", "INR", 88_319 * CRORE),
        ("US $2.63 billion", "USD", Decimal("2.63") * 10**9),
        ("USD 2.36 million", "USD", Decimal("2.36") * 10**6),
        ("16.92%", "percent", Decimal("16.92")),
        ("71.6 per cent", "percent", Decimal("71.6")),
        ("1,762", "count", 1762),
        ("450+", "count", 450),
        ("1 lakh", "count", 100_000),
        ("350th", "count", 350),
    ],
)
def test_a_figure_is_read_in_its_base_unit(text: str, unit: str, value: Decimal) -> None:
    figure = only(text)
    assert (figure.unit, figure.value, figure.high) == (unit, value, None)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Rs 1.2–1.5 lakh crore", 120_000 * CRORE, 150_000 * CRORE),
        ("Rs 20,000 to 25,000 crore", 20_000 * CRORE, 25_000 * CRORE),
        ("between 20 and 25 crore", 20 * CRORE, 25 * CRORE),
    ],
)
def test_the_scale_of_a_range_is_that_of_both_its_ends(text: str, low: int, high: int) -> None:
    figure = only(text)
    assert [figure.value, figure.high] == [Decimal(low), Decimal(high)]


def test_a_change_is_no_range() -> None:
    assert [figure.value for figure in figures("from 1,414 to 1,507")] == [1414, 1507]


@pytest.mark.parametrize(
    ("text", "is_hedged", "half_unit"),
    [
        ("Rs 1,50,590 crore", False, Decimal("0.5") * CRORE),  # one zero counts
        ("Rs 1,50,590 crore", True, 5 * CRORE),  # unless the text says "about"
        ("Rs 1,06,800 crore", False, 50 * CRORE),  # two zeros: known to the hundred
        ("₹1.51 lakh crore", False, 500 * CRORE),  # 0.01 lakh crore is 1,000 crore
        ("100 firms", False, 50),
        ("100th", False, Decimal("0.5")),  # of an ordinal every digit counts
    ],
)
def test_half_of_the_last_digit_stated_is_how_well_it_is_known(
    text: str, is_hedged: bool, half_unit: Decimal
) -> None:
    assert only(text).half_unit(is_hedged=is_hedged) == half_unit


@pytest.mark.parametrize("text", ["011-2301 1234", "12.02.2024", "31/03/2025", "INS-21A", "v1.2.3"])
def test_what_runs_on_is_no_figure(text: str) -> None:
    values = [figure.value for figure in figures(text)]
    assert values in ([], [1234])  # the last group of a telephone number stands alone


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("FY 2024-25", "2024-25"),
        ("FY25", "2024-25"),  # the year that ends in 2025
        ("fiscal 2024", "2023-24"),
        ("financial year 2024–25", "2024-25"),
        ("2024-2025", "2024-25"),
        ("Q1 FY25", "2024-25 Q1"),
        ("first quarter of 2022-23", "2022-23 Q1"),
        ("April to June 2024", "2024-25 Q1"),
        ("January-March 2025", "2024-25 Q4"),  # the last quarter is in the next calendar year
        ("first half of 2022-23", "2022-23 H1"),
        ("between 2004-05 and 2013-14", "2004-05 to 2013-14"),
        ("by 2029", "2029"),
        ("since April 2014", "since 2014"),
        ("last fiscal", "2024-25"),
        ("the current financial year", "2025-26"),
        ("the previous year", "2022-23"),  # before 2023-24, told last
        ("a year later", "2024-25"),
    ],
)
def test_a_period_is_written_as_the_warehouse_writes_it(text: str, label: str) -> None:
    (period,) = periods(text, date(2025, 4, 17), "2023-24")
    assert period.label == label


@pytest.mark.parametrize("text", ["last fiscal", "the previous year", "over five years"])
def test_a_period_that_counts_from_nothing_known_stays_open(text: str) -> None:
    (period,) = periods(text, None, None)
    assert period.label is None


@pytest.mark.parametrize("text", ["2024-27", "on 7 October 2025", "page 2024"])
def test_what_only_looks_like_a_year_is_no_period(text: str) -> None:
    assert periods(text, None, None) == []


def test_sentences_do_not_end_at_abbreviations() -> None:
    text = "Exports of Rs. 8,434.84 crore. Lt. Gen. Rao spoke.\n\nA new paragraph"
    assert [sentence.text for sentence in sentences(text)] == [
        "Exports of Rs. 8,434.84 crore.",
        "Lt. Gen. Rao spoke.",
        "A new paragraph",
    ]
    assert all(text[s.offset :].startswith(s.text) for s in sentences(text))
