"""Admission as a whole: a row is taken exactly when nothing speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from admitting import (
    ANY_DAY,
    LAKH_IN_CRORE,
    NUMBER,
    Cell,
    Spec,
    judged,
    reasons_for,
    value_of,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from loading import contract, day, open_desk

from utpadan.load import LoadRefused, load
from utpadan.settings import Settings
from utpadan.source import Source


@pytest.fixture(scope="module")
def conn(shared_warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_warehouse.loader_url, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("kind", ["text", "integer", "numeric", "date", "timestamp", "boolean"])
@pytest.mark.parametrize("cell", [None, "", " ", "\u00a0\t\u202f"])
def test_a_blank_cell_is_no_value_and_refused_only_where_one_is_required(
    conn: psycopg.Connection, kind: str, cell: Cell
) -> None:
    assert value_of(conn, {"type": kind}, cell) is None
    assert reasons_for(conn, {"type": kind, "required": True}, cell) == ["it: required, but empty"]


def test_bounds_are_inclusive_and_speak_of_the_stored_value(conn: psycopg.Connection) -> None:
    spec = {**LAKH_IN_CRORE, "min": 0, "max": "2.5"}
    assert value_of(conn, spec, "250 lakh") == "2.5"
    assert value_of(conn, spec, "0") is not None
    assert reasons_for(conn, spec, "251") == ["it: 2.51 is above 2.5"]
    assert reasons_for(conn, spec, "-0.01") == ["it: -0.0001 is below 0"]
    year = {"type": "date", "min": "2018-01-01", "max": "2018-12-31"}
    assert value_of(conn, year, "2018-12-31") == "2018-12-31"
    assert reasons_for(conn, year, "2017-12-31") == ["it: 2017-12-31 is below 2018-01-01"]


def test_allowed_and_matches_judge_the_trimmed_cell(conn: psycopg.Connection) -> None:
    state = {"type": "text", "allowed": ["IN-UP", "IN-TN"]}
    assert value_of(conn, state, "\u00a0IN-UP ") == "IN-UP"
    assert reasons_for(conn, state, " in-up") == ["it: 'in-up' is not allowed"]
    label = {"type": "text", "matches": r"^20\d{2}-\d{2}%?$"}
    assert value_of(conn, label, "2024-25 ") == "2024-25"
    assert reasons_for(conn, label, "FY25") == [r"it: 'FY25' does not match ^20\d{2}-\d{2}%?$"]
    assert reasons_for(conn, label, "2024-25\n2025-26") == [
        "it: '2024-25\n2025-26' does not match ^20\\d{2}-\\d{2}%?$"
    ]


def test_a_lookup_mends_a_spelling_before_it_is_read(conn: psycopg.Connection) -> None:
    spec = {"type": "numeric", "lookup": {"n/a": "", "one hundred": "100", "it's 5%": "5"}}
    assert value_of(conn, spec, " one hundred ") == "100"
    assert value_of(conn, spec, "it's 5%") == "5"
    assert value_of(conn, spec, "n/a") is None
    assert reasons_for(conn, spec, "N/A") == ["it: 'N/A' is not a number"]
    assert reasons_for(conn, {**spec, "required": True}, "n/a") == ["it: required, but empty"]


SIGNS = ["it's", "100%", "%s", "{0}", "{}", "a\\b", '"', "'; select 1; --"]


@pytest.mark.parametrize("words", SIGNS)
def test_words_of_a_contract_are_data_whatever_signs_they_have(
    conn: psycopg.Connection, words: str
) -> None:
    spec = {"type": "text", "allowed": [words], "lookup": {f"<{words}>": words}}
    assert value_of(conn, spec, words) == value_of(conn, spec, f"<{words}>") == words
    assert reasons_for(conn, spec, words * 2) == [f"it: '{words * 2}' is not allowed"]
    pattern = f"^[{words}]*$".replace("\\", "\\\\")
    assert reasons_for(conn, {"type": "text", "matches": pattern}, "?") == [
        f"it: '?' does not match {pattern}"
    ]


def test_every_broken_rule_of_a_row_is_a_reason_in_the_order_of_the_columns(
    conn: psycopg.Connection,
) -> None:
    source = contract(
        {
            "year": {"type": "text", "required": True},
            "kind": {"type": "text", "allowed": ["final"], "matches": "^[a-z]+$"},
            "value": {"type": "numeric", "min": 0},
        }
    )
    ((accepted, reasons, _),) = judged(conn, source, [{"kind": "Draft 1", "value": "-3"}])
    assert not accepted
    assert reasons == [
        "year: required, but empty",
        "kind: 'Draft 1' is not allowed",
        "kind: 'Draft 1' does not match ^[a-z]+$",
        "value: -3 is below 0",
    ]


def test_a_row_with_broken_structure_has_that_as_its_only_reason(conn: psycopg.Connection) -> None:
    fault = "row has 3 cells, the header has 2"
    ((accepted, reasons, _),) = judged(
        conn, contract({"it": NUMBER}), [{"_fault": fault, "it": "a phone number"}]
    )
    assert not accepted
    assert reasons == [fault]


def test_no_reason_repeats_personal_data(conn: psycopg.Connection) -> None:
    born = {"type": "date", "max": "2010-01-01", "personal": True}
    assert reasons_for(conn, born, "1 May") == ["it: the cell is not a date"]
    assert reasons_for(conn, born, "2011-05-01") == ["it: the cell is above 2010-01-01"]


RULES: dict[str, Spec] = {
    "plain": {"type": "text"},
    "needed": {"type": "text", "required": True, "lookup": {"x": ""}},
    "one_of": {"type": "text", "allowed": ["x", "1", "yes"]},
    "shaped": {"type": "text", "matches": "^[0-9x-]+$", "lookup": {"n/a": "", "-": "0"}},
    "whole": {"type": "integer", "min": -1, "max": 2000},
    "counted": {"type": "integer", "required": True},
    "number": {"type": "numeric", "max": 100},
    "scaled": {"type": "numeric", "unit": "INR crore", "stated_unit": "lakh", "min": 0},
    "on_day": {**ANY_DAY, "min": "2000-01-01"},
    "from_day": {"type": "date", "required": True, "max": "2030-01-01"},
    "at_time": {"type": "timestamp", "min": "2000-01-01", "formats": ["DD-MM-YYYY"]},
    "is_so": {"type": "boolean"},
    "is_sure": {"type": "boolean", "required": True},
    "parts": {"type": "json", "required": True},
    "contact": {"type": "text", "personal": True, "allowed": ["x"]},
}
EVERY_RULE = contract(RULES)
UGLY = ["x", "1", "-1", "0", "-", "+", ".", "n/a", "NaN", "1e5", "0x1F", "1_0", "yes", "null"]
UGLY += ["1,50,590", "₹ 1.46 lakh crore", "(5)", "99999999999999999999", "today", "2024-02-30"]
UGLY += ["31-03-2025", "2025-03-31", "2025-03-31T10:00Z", "{}", "[1]", "'", '"', "\\", "%s", "{0}"]
UGLY += ["", " ", "\u00a0", "\u202f1\ufeff", "१२", "\u22125", "9" * 500]
CELLS = (
    st.none()
    | st.sampled_from(UGLY)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    | st.from_regex(r"[0-9+.,₹ ()crlakh/-]{1,14}", fullmatch=True)
)
ROWS = st.lists(
    st.fixed_dictionaries({name: CELLS for name in RULES}, optional={"_fault": st.just("broken")}),
    min_size=1,
    max_size=8,
)
GOOD: dict[str, Cell] = {
    "needed": "a",
    "counted": "1",
    "from_day": "2025-03-31",
    "is_sure": "no",
    "parts": "[]",
}


@given(rows=ROWS)
@settings(deadline=None, max_examples=120)
@example(rows=[{name: cell for name in RULES} for cell in (None, *UGLY)])
@example(rows=[{**GOOD, name: cell} for name in RULES for cell in (None, *UGLY)])
def test_a_row_is_accepted_exactly_when_there_is_no_reason_against_it(
    conn: psycopg.Connection, rows: list[dict[str, Cell]]
) -> None:
    for accepted, reasons, _ in judged(conn, EVERY_RULE, rows):
        assert (accepted is True) == (reasons == [])
        assert all(reasons)


def test_the_good_row_of_these_tests_is_good(conn: psycopg.Connection) -> None:
    ((accepted, reasons, _),) = judged(conn, EVERY_RULE, [GOOD])
    assert (accepted, reasons) == (True, [])


CELL = st.sampled_from(["", "a", "b", " a", "1", "1.0", "n/a", '"x,y"', '"q""q"', "2024-13-01"])
LINES = st.lists(st.lists(CELL, min_size=1, max_size=4).map(",".join), max_size=8)
STRICT: Source = contract(
    {
        "year": {"type": "text", "required": True, "matches": "^[ab1]"},
        "sector": {"type": "text", "lookup": {"n/a": ""}},
        "value": {"type": "numeric", "max": 5},
    },
    key=["year", "sector"],
    max_bad_share=0.9999,
)


@given(lines=LINES, increment=st.booleans())
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_row_that_landed_is_admitted_or_rejected_or_a_repeat(
    shared_warehouse: Settings, lines: list[str], increment: bool
) -> None:
    source = STRICT.model_copy(update={"delivery": "increment" if increment else "complete"})
    data = b"year,sector,value\n" + "".join(line + "\n" for line in lines).encode()
    with open_desk(shared_warehouse) as desk:
        delivery = desk.deliver(source, data, day(1))
        try:
            load(desk.conn, source, desk.reading(source, delivery), delivery)
        except LoadRefused as refusal:
            assert "more than max_bad_share" in str(refusal)
        row = desk.newest_load(source)
        admitted, rejected, repeated = (
            row[f"rows_{what}"] for what in ("admitted", "rejected", "repeated")
        )
        assert row["rows_landed"] == admitted + rejected + repeated
        kept = desk.rejected(row["load_id"])
        assert len(kept) == rejected
        assert all(reasons and all(reasons) for _, reasons, _ in kept)
        if row["status"] == "loaded":
            assert len(desk.current(source)) == admitted == row["rows_new"]
