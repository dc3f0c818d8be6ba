"""What admission makes of a cell, on a real Postgres: a value, or the reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from loading import contract
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan.load.admission import Admission
from utpadan.settings import Settings
from utpadan.source import Source

Cell = str | None
Spec = dict[str, Any]


@pytest.fixture(scope="module")
def conn(shared_warehouse: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_warehouse.loader_url, autocommit=True) as conn:
        yield conn


def judged(
    conn: psycopg.Connection, source: Source, rows: list[dict[str, Cell]]
) -> list[tuple[bool | None, list[str], list[Cell]]]:
    """For each landed row: whether it is accepted, the reasons against it, its values as text."""
    admission = Admission(source, trim=True)
    columns = ["_fault", *source.columns]
    values = [SQL("({})::text").format(admission.value(name)) for name in source.columns]
    parts: dict[str, Composable] = {
        "accepted": admission.accepted(),
        "reasons": admission.reasons(),
        "values": SQL(", ").join(values),
        "rows": Literal(json.dumps(rows)),
        "columns": SQL(", ").join(SQL("{} text").format(Identifier(name)) for name in columns),
    }
    query = SQL(
        "select {accepted}, {reasons}, array[{values}] "
        "from jsonb_to_recordset({rows}::jsonb) as sent ({columns})"
    )
    return conn.execute(query.format(**parts)).fetchall()


def value_of(conn: psycopg.Connection, spec: Spec, cell: Cell) -> Cell:
    """The value a cell is admitted with; it must be admitted."""
    ((accepted, reasons, (value,)),) = judged(conn, contract({"it": spec}), [{"it": cell}])
    assert (accepted, reasons) == (True, [])
    return value


def reasons_for(conn: psycopg.Connection, spec: Spec, cell: Cell) -> list[str]:
    """The reasons against a cell; it must not be admitted."""
    ((accepted, reasons, _),) = judged(conn, contract({"it": spec}), [{"it": cell}])
    assert not accepted
    return reasons


NUMBER: Spec = {"type": "numeric"}
COUNT: Spec = {"type": "integer"}
CRORE: Spec = {"type": "numeric", "unit": "INR crore"}
RUPEES: Spec = {"type": "numeric", "unit": "INR"}
LAKH_IN_CRORE: Spec = {"type": "numeric", "unit": "INR crore", "stated_unit": "lakh"}
DAY: Spec = {"type": "date"}
ANY_DAY: Spec = {
    "type": "date",
    "formats": ["DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD Mon YYYY", "Mon DD, YYYY"],
}
MOMENT: Spec = {"type": "timestamp"}


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


@pytest.mark.parametrize("cell", ["12.5", "9223372036854775808", "-9,223,372,036,854,775,809"])
def test_a_number_that_is_not_whole_or_too_large_is_no_count(
    conn: psycopg.Connection, cell: str
) -> None:
    assert reasons_for(conn, COUNT, cell) == [f"it: '{cell}' is not a whole number"]


@given(number=st.integers(min_value=-(10**15), max_value=10**15), decimals=st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_any_number_in_indian_digits_is_read_as_itself(
    conn: psycopg.Connection, number: int, decimals: int
) -> None:
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    cell = ("-" if number < 0 else "") + ",".join([*pairs, tail]) + f".{decimals:02}"
    read = value_of(conn, NUMBER, cell)
    assert read is not None and Decimal(read) == Decimal(cell.replace(",", ""))


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
