"""How a cell is read as the type of its column, as Indian publications print it, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from admitting import (
    ANY_DAY,
    COUNT,
    CRORE,
    DAY,
    LAKH_IN_CRORE,
    MOMENT,
    NUMBER,
    RUPEES,
    Spec,
    reasons_for,
    value_of,
)

from utpadan.settings import Settings


@pytest.fixture(scope="module")
def conn(shared_warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_warehouse.loader_url, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize(
    ("spec", "cell", "value"),
    [
        (NUMBER, "150590", "150590"),
        (NUMBER, "-12.50", "-12.50"),
        (NUMBER, "+7", "7"),
        (NUMBER, ".5", "0.5"),
        (NUMBER, "1,50,590", "150590"),
        (NUMBER, "150,590.25", "150590.25"),
        (NUMBER, "12,34,56,789", "123456789"),
        (NUMBER, "(12.5)", "-12.5"),
        (NUMBER, "\u221212.5", "-12.5"),
        (NUMBER, "1,50,590/-", "150590"),
        (NUMBER, "\u00a01,507\u00a0", "1507"),
        (NUMBER, "\u202f\ufeff 1507\t\r\n", "1507"),
        (NUMBER, "9" * 200, "9" * 200),
        (RUPEES, "₹ 1.46 lakh crore", "1460000000000"),
        (RUPEES, "₹1.46\u00a0lakh\u00a0crore", "1460000000000"),
        (RUPEES, "Rs. 23,622 crore", "236220000000"),
        (RUPEES, "INR 5 lakh", "500000"),
        (RUPEES, "-₹5", "-5"),
        (RUPEES, "2.5 thousand", "2500"),
        (RUPEES, "3 million", "3000000"),
        (RUPEES, "1.2 bn", "1200000000"),
        (RUPEES, "7 lacs", "700000"),
        (CRORE, "23622", "23622"),
        (CRORE, "₹ 1.46 lakh crore", "146000"),
        (CRORE, "23,622 Cr", "23622"),
        (CRORE, "50 lakh", "0.5"),
        (LAKH_IN_CRORE, "2,50,000", "2500"),
        (LAKH_IN_CRORE, "150", "1.50"),
        (LAKH_IN_CRORE, "12.5", "0.125"),
        (LAKH_IN_CRORE, "12 crore", "12"),
        (COUNT, "1762", "1762"),
        (COUNT, "1,762", "1762"),
        (COUNT, "12.0", "12"),
        (COUNT, "1.5 lakh", "150000"),
        (COUNT, "-9223372036854775808", "-9223372036854775808"),
        (COUNT, "9,223,372,036,854,775,807", "9223372036854775807"),
    ],
)
def test_a_number_is_read_as_indian_publications_print_it(
    conn: psycopg.Connection, spec: Spec, cell: str, value: str
) -> None:
    read = value_of(conn, spec, cell)
    assert read is not None and Decimal(read) == Decimal(value)


@pytest.mark.parametrize(
    "cell",
    [
        *("n/a", "-", ".", "--5", "1 507", "1,50", "12,3456", "15,05,90", "NaN", "nan", "Infinity"),
        *("-inf", "0x1F", "0b1", "0o7", "1_000", "1e5", "1.2.3", "5%", "five", "१२", "()", "₹"),
        *("more than 700", "1.46 lakh crore crore", "99" * 70_000, "1" + ",000" * 50_000),
    ],
    ids=lambda cell: cell[:12],
)
def test_what_only_resembles_a_number_is_refused(conn: psycopg.Connection, cell: str) -> None:
    assert reasons_for(conn, NUMBER, cell) == [f"it: '{cell}' is not a number"]
    assert reasons_for(conn, COUNT, cell) == [f"it: '{cell}' is not a whole number"]
    assert reasons_for(conn, LAKH_IN_CRORE, cell) == [f"it: '{cell}' is not a number"]


def test_the_longest_number_is_refused_where_it_would_be_multiplied(
    conn: psycopg.Connection,
) -> None:
    longest = "9" * 131_072
    assert value_of(conn, NUMBER, longest) == longest
    rupees_in_crore = {"type": "numeric", "unit": "INR", "stated_unit": "crore"}
    assert value_of(conn, rupees_in_crore, "9" * 50) == "9" * 50 + "0" * 7
    assert reasons_for(conn, rupees_in_crore, longest) == [f"it: '{longest}' is not a number"]


@pytest.mark.parametrize("cell", ["12.5", "9223372036854775808", "-9,223,372,036,854,775,809"])
def test_a_number_that_is_not_whole_or_too_large_is_no_count(
    conn: psycopg.Connection, cell: str
) -> None:
    assert reasons_for(conn, COUNT, cell) == [f"it: '{cell}' is not a whole number"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025-03-31", "2025-03-31"),
        ("31-03-2025", "2025-03-31"),
        ("1-4-2025", "2025-04-01"),
        ("31/03/2025", "2025-03-31"),
        ("31.03.2025", "2025-03-31"),
        ("31 Mar 2025", "2025-03-31"),
        ("31\u00a0March\u00a02025", "2025-03-31"),
        ("7 Sept 2025", "2025-09-07"),
        ("31-Mar-2025", "2025-03-31"),
        ("Mar 31, 2025", "2025-03-31"),
        ("December 1, 2024", "2024-12-01"),
        ("29-02-2024", "2024-02-29"),
    ],
)
def test_a_date_is_read_in_every_spelling_its_contract_names(
    conn: psycopg.Connection, cell: str, value: str
) -> None:
    assert value_of(conn, ANY_DAY, cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        *("today", "now", "epoch", "infinity", "-infinity", "tomorrow", "FY25", "2025", "2025-03"),
        *("2025--1-05", "17-8-5n-26", "2025-04-1z"),
        *("31-11-2024", "29-02-2023", "2025-13-01", "2025-31-01", "0000-01-01", "20250331"),
        *("12 ebm 2024", "5 Marble 2024", "5 Mon 2024", "31-03-25", "31/03-2025", "45747"),
    ],
)
def test_what_only_resembles_a_date_is_refused(conn: psycopg.Connection, cell: str) -> None:
    assert reasons_for(conn, ANY_DAY, cell) == [f"it: '{cell}' is not a date"]
    assert reasons_for(conn, {**ANY_DAY, "type": "timestamp"}, cell) == [
        f"it: '{cell}' is not a time"
    ]


@pytest.mark.parametrize("cell", ["31-03-2025", "03/31/2025", "31 Mar 2025"])
def test_a_spelling_that_the_contract_does_not_name_is_refused(
    conn: psycopg.Connection, cell: str
) -> None:
    assert reasons_for(conn, DAY, cell) == [f"it: '{cell}' is not a date"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025-04-01T17:30:00+05:30", "2025-04-01 12:00:00+00"),
        ("2025-04-01T12:00:00Z", "2025-04-01 12:00:00+00"),
        ("2025-04-01 12:00", "2025-04-01 12:00:00+00"),
        ("2025-04-01T12:00:00.123456Z", "2025-04-01 12:00:00.123456+00"),
        ("2025-04-01", "2025-04-01 00:00:00+00"),
    ],
)
def test_a_time_is_read_in_utc_unless_it_states_its_offset(
    conn: psycopg.Connection, cell: str, value: str
) -> None:
    assert value_of(conn, MOMENT, cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        *("2025-04-01 17:30 IST", "2025-04-01 allballs", "2025-04-01 BC", "2025-04-01 25:00"),
        *("2025-04-01 noon", "on Monday evening", "17:30", "2025-04-01T10", "1743508800"),
    ],
)
def test_a_time_in_words_or_in_a_named_zone_is_refused(conn: psycopg.Connection, cell: str) -> None:
    assert reasons_for(conn, MOMENT, cell) == [f"it: '{cell}' is not a time"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [(cell, "true") for cell in ("true", "TRUE", "Yes", "y", "t", "1", "\u00a0yes ")]
    + [(cell, "false") for cell in ("false", "False", "NO", "n", "f", "0")],
)
def test_true_and_false_are_read_in_their_usual_words(
    conn: psycopg.Connection, cell: str, value: str
) -> None:
    assert value_of(conn, {"type": "boolean"}, cell) == value


@pytest.mark.parametrize("cell", ["on", "maybe", "2", "null", "ja"])
def test_another_word_is_neither_true_nor_false(conn: psycopg.Connection, cell: str) -> None:
    assert reasons_for(conn, {"type": "boolean"}, cell) == [f"it: '{cell}' is not true or false"]


def test_json_is_kept_and_what_is_none_is_refused(conn: psycopg.Connection) -> None:
    assert value_of(conn, {"type": "json"}, '["a", {"b": null}]') == '["a", {"b": null}]'
    for cell in ("{", "NaN", "{'a': 1}", '"\\u0000"'):
        assert reasons_for(conn, {"type": "json"}, cell) == [f"it: '{cell}' is not JSON"]
