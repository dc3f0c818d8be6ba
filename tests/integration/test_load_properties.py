"""Any cell at all: what the readers in SQL make of it, beside what their grammar says in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from admitting import ANY_DAY, COUNT, CRORE, DAY, LAKH_IN_CRORE, MOMENT, NUMBER, Spec, judged
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from loading import contract

from utpadan.settings import Settings
from utpadan.table import BLANKS

FEW = settings(
    deadline=None,
    derandomize=True,
    max_examples=10,
    phases=[Phase.generate],  # what fails is shown by its cell, there is nothing to shrink
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
PRINTED = re.compile(
    r"(?P<currency>(?P<minus>-?) *(?:rs\.?|inr|re\.) *)?(?P<open>\()?(?P<sign>[+-]?)"
    r"(?P<digits>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})"
    r"(?P<fraction>\.[0-9]+)?"
    r"(?: *(?P<word>lakh cr(?:ores?|\.)?|crores?|cr\.?|lakhs?|lacs?|billions?|bn|millions?|mn"
    r"|thousand))?(?P<close>\))?(?: */-)?"
)
SCALES = {"lakh cr": 12, "cr": 7, "la": 5, "b": 9, "m": 6, "t": 3}
MONTHS = "january february march april may june july august september october november december"

NUMBER_PARTS = (
    *"0123456789,.-+()/ \u00a0\u202f\u2212\u200bxe\u0966",
    *("15", "050", "2024", "₹", "Rs. ", "INR", "/-", "NaN"),
    *(" crore", " lakh", "Lacs", " lakh crore", " bn", "mn", "thousand"),
)
DATE_PARTS = (
    ("", "0", "1", "05", "28", "29", "30", "31", "32", "2024", "2023", "99"),
    (*"-/. ", "", "--", ", ", "\u00a0"),
    ("", "1", "02", "4", "11", "12", "13", "Feb", "SEPT.", "apr", "Junk", "Ma"),
    (*"-/. ", "", "--", ", ", "\u00a0"),
    ("", "5", "28", "29", "30", "31", "2023", "2024", "0000", "24", "10000"),
)
TEXT = (
    *("", " ", "A", "a", "b", "none", "1", "0", "100", "1.5", "1,50,590", "NaN", "-1", "2 crore"),
    *("2024-02-29", "2023-02-29", "31-12-2023", "1 Jan 2024", "2025-01-01T00:00:01Z", "infinity"),
    *("yes", "maybe", "{}", "[", "null", "\u00a0", "\u200b", "\\", "'", "%s", "{0}"),
)


def many(one: st.SearchStrategy[Any], count: int = 100) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=count, max_size=count, unique_by=repr)


numbers = many(st.lists(st.sampled_from(NUMBER_PARTS), max_size=7).map("".join))
dates = many(st.tuples(*map(st.sampled_from, DATE_PARTS)).map("".join))


@pytest.fixture(scope="module")
def conn(shared_warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_warehouse.loader_url, autocommit=True) as conn:
        yield conn


def printed_number(text: str, plain: int, stored: int) -> Decimal | None:
    """What the comment of `ops.read_number` says, of text without blanks around it."""
    text = re.sub("[\u00a0\u202f]", " ", text.lower()).replace("\u2212", "-").replace("₹", "rs")
    found = PRINTED.fullmatch(text.strip(" "))
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [found["minus"] or "", found["sign"], "-" if found["open"] else ""]
    if len("".join(signs)) > 1:
        return None
    number = Decimal(found["digits"].replace(",", "") + (found["fraction"] or ""))
    word = found["word"] or ""
    power = next((power for start, power in SCALES.items() if word.startswith(start)), None)
    number = number * plain if power is None else number * 10**power / stored
    return -number if "-" in signs else number


def number(cell: str, plain: Decimal, stored: int) -> Decimal | None:
    text = cell.strip(BLANKS)
    if PLAIN.fullmatch(text):
        return Decimal(text) * plain
    return printed_number(text, plain, stored)


def whole(cell: str) -> Decimal | None:
    found = printed_number(cell.strip(BLANKS), 1, 1)
    if found is None or found != found.to_integral_value() or not -(2**63) <= found < 2**63:
        return None
    return found


def day(cell: str, formats: bool) -> str | None:
    text = cell.strip(BLANKS)
    if found := re.fullmatch("([0-9]{4})-([0-9]{2})-([0-9]{2})", text):
        return iso(found[1], found[2], found[3])
    text = text.replace("\u00a0", " ").strip(" ")
    if not formats:
        return None
    for sign in "-/.":
        if found := re.fullmatch(
            rf"([0-9]{{1,2}})[{sign}]([0-9]{{1,2}})[{sign}]([0-9]{{4}})", text
        ):
            return iso(found[3], found[2], found[1])
    if found := re.fullmatch("([0-9]{1,2})[ -]([A-Za-z]{3,9})[.]?,?[ -]([0-9]{4})", text):
        return iso(found[3], month(found[2]), found[1])
    if found := re.fullmatch("([A-Za-z]{3,9})[.]? ([0-9]{1,2}),? ([0-9]{4})", text):
        return iso(found[3], month(found[1]), found[2])
    return None


def month(name: str) -> str:
    names = enumerate(MONTHS.split(), start=1)
    return str(next((n for n, full in names if full.startswith(name.lower())), 0))


def iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def values_of(conn: psycopg.Connection, spec: Spec, sent: list[str]) -> list[str | None]:
    """Each cell's value, null where it is refused; a refused row must say why, another nothing."""
    found = judged(conn, contract({"it": spec}), [{"it": cell or None} for cell in sent])
    assert all(bool(accepted) == (reasons == []) for accepted, reasons, _ in found)
    return [value for _, _, (value,) in found]


@FEW
@given(sent=numbers)
def test_any_cell_is_the_number_that_the_grammar_says_or_none(
    conn: psycopg.Connection, sent: list[str]
) -> None:
    for spec, plain, stored in (
        (NUMBER, Decimal(1), 1),
        (CRORE, Decimal(1), 10**7),
        (LAKH_IN_CRORE, Decimal("0.01"), 10**7),
    ):
        read = [value and Decimal(value) for value in values_of(conn, spec, sent)]
        assert dict(zip(sent, read, strict=True)) == {
            cell: number(cell, plain, stored) for cell in sent
        }
    counted = [value and Decimal(value) for value in values_of(conn, COUNT, sent)]
    assert dict(zip(sent, counted, strict=True)) == {cell: whole(cell) for cell in sent}


@FEW
@given(sent=dates)
def test_any_cell_is_the_date_that_the_grammar_says_or_none(
    conn: psycopg.Connection, sent: list[str]
) -> None:
    for spec, formats in ((DAY, False), (ANY_DAY, True)):
        read = values_of(conn, spec, sent)
        assert dict(zip(sent, read, strict=True)) == {cell: day(cell, formats) for cell in sent}


CONTRACT = contract(
    {
        "name": {"type": "text", "required": True, "matches": "^[A-Z]", "lookup": {"none": ""}},
        "kind": {"type": "text", "allowed": ["a", "b"], "lookup": {"A": "a"}},
        "count": {"type": "integer", "min": 1, "max": 99},
        "value": {**LAKH_IN_CRORE, "required": True, "min": "0.5"},
        "on": {**ANY_DAY, "min": "2024-01-01"},
        "at": {**MOMENT, "max": "2025-01-01"},
        "known": {"type": "boolean"},
        "more": {"type": "json"},
    }
)
GOOD = ("A", "a", "1", "1,50,590", "2024-02-29", "2024-02-29", "yes", "{}")
CELLS = {
    name: st.just(good) | st.just(good) | st.none() | st.sampled_from(TEXT)
    for name, good in zip(CONTRACT.columns, GOOD, strict=True)
}
FAULT = st.none() | st.none() | st.just("row has 2 cells, the header has 3")
rows = many(st.fixed_dictionaries({**CELLS, "_fault": FAULT}), 20)


@FEW
@given(sent=rows)
def test_a_row_is_rejected_just_when_there_is_a_reason(
    conn: psycopg.Connection, sent: list[dict[str, Any]]
) -> None:
    found = judged(conn, CONTRACT, sent)
    for row, (accepted, reasons, _) in zip(sent, found, strict=True):
        assert (accepted is True) is (reasons == []), (row, accepted, reasons)
        assert all(reasons)
