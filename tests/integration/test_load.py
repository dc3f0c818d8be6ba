"""A delivery into staging: what is new, changed, gone, back again, repeated or in conflict."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loading import Desk, contract, day, figures, open_desk

from utpadan.ledger import Counts
from utpadan.settings import Settings
from utpadan.source import Source

YEARS = b"year,sector,value\n2022-23,,108684\n2023-24,,127434\n2023-24,dpsu,74739\n"
COMPLETE = figures()
INCREMENT = figures(delivery="increment")


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


def test_the_first_load_takes_every_row(desk: Desk) -> None:
    outcome = desk.load(COMPLETE, YEARS, day(1))
    assert (outcome.status, outcome.reading) == ("loaded", "fast")
    assert outcome.rows == Counts(landed=3, admitted=3, new=3)
    assert outcome.warnings == []
    assert desk.current(COMPLETE) == [
        ("2022-23", None, "108684"),
        ("2023-24", None, "127434"),
        ("2023-24", "dpsu", "74739"),
    ]
    assert desk.landing_tables() == []


def test_sources_whose_long_names_begin_alike_load_beside_each_other(desk: Desk) -> None:
    key = "a_column_of_the_key_with_a_very_long_name"
    for ending in ("a", "b"):
        source = contract(
            {key: {"type": "text"}}, name=f"figures_of_a_source_with_a_long_name_{ending}"
        )
        assert desk.load(source, f"{key}\nx\n".encode(), day(1)).rows.new == 1


def test_the_ledger_keeps_what_a_load_did(desk: Desk) -> None:
    outcome = desk.load(COMPLETE, YEARS + b"2024-25,,n/a\n", day(1))
    row = desk.newest_load(COMPLETE)
    assert row["load_id"] == outcome.load_id
    assert (row["status"], row["message"], row["known_at"]) == ("loaded", None, day(1))
    assert row["contract_sha256"] == COMPLETE.contract_sha256
    counts = {name: row[f"rows_{name}"] for name in ("landed", "admitted", "rejected", "new")}
    assert counts == {"landed": 4, "admitted": 3, "rejected": 1, "new": 3}
    assert set(row["seconds"]) == {"land", "admit", "version"}


def test_equal_rows_in_other_bytes_write_nothing_to_staging(desk: Desk) -> None:
    desk.load(COMPLETE, YEARS, day(1))
    before = desk.bytes_of(COMPLETE)
    reordered = b'"sector","year","value"\r\n,2022-23,"1,08,684"\r\n dpsu ,2023-24,74739.00\r\n'
    outcome = desk.load(COMPLETE, reordered + b",2023-24,127434\r\n", day(2))
    assert outcome.status == "unchanged"
    assert outcome.rows == Counts(landed=3, admitted=3)
    assert desk.bytes_of(COMPLETE) == before


def test_only_what_changed_is_written(desk: Desk) -> None:
    desk.load(COMPLETE, YEARS, day(1))
    before = desk.bytes_of(COMPLETE)
    outcome = desk.load(COMPLETE, YEARS.replace(b"127434", b"127500"), day(2))
    assert outcome.rows == Counts(landed=3, admitted=3, changed=1)
    assert len(set(desk.bytes_of(COMPLETE)) & set(before)) == 2
    assert desk.history(COMPLETE) == [
        ("2022-23", None, "108684", None, 2, day(1), None),
        ("2023-24", "dpsu", "74739", None, 4, day(1), None),
        ("2023-24", None, "127434", None, 3, day(1), day(2)),
        ("2023-24", None, "127500", None, 3, day(2), None),
    ]


def test_a_value_that_comes_or_goes_is_a_change(desk: Desk) -> None:
    desk.load(COMPLETE, b"year,sector,value\n2022-23,,\n2023-24,,127434\n", day(1))
    outcome = desk.load(COMPLETE, b"year,sector,value\n2022-23,,108684\n2023-24,,\n", day(2))
    assert outcome.rows == Counts(landed=2, admitted=2, changed=2)
    assert desk.current(COMPLETE) == [("2022-23", None, "108684"), ("2023-24", None, None)]


def test_what_a_complete_delivery_lacks_is_closed(desk: Desk) -> None:
    desk.load(COMPLETE, YEARS, day(1))
    outcome = desk.load(COMPLETE, b"year,sector,value\n2023-24,,127434\n", day(2))
    assert outcome.rows == Counts(landed=1, admitted=1, closed=2)
    assert desk.current(COMPLETE) == [("2023-24", None, "127434")]
    assert [row[-1] for row in desk.history(COMPLETE)] == [day(2), day(2), None]


def test_what_an_increment_lacks_stays(desk: Desk) -> None:
    desk.load(INCREMENT, YEARS, day(1))
    more = b"year,sector,value\n2024-25,,150590\n2023-24,,127500\n"
    outcome = desk.load(INCREMENT, more, day(2))
    assert outcome.rows == Counts(landed=2, admitted=2, new=1, changed=1)
    assert sorted(desk.current(INCREMENT), key=str) == [
        ("2022-23", None, "108684"),
        ("2023-24", "dpsu", "74739"),
        ("2023-24", None, "127500"),
        ("2024-25", None, "150590"),
    ]


def test_a_row_that_returns_is_new_and_its_absence_stays_on_record(desk: Desk) -> None:
    desk.load(COMPLETE, YEARS, day(1))
    without_dpsu = YEARS.replace(b"2023-24,dpsu,74739\n", b"")
    desk.load(COMPLETE, without_dpsu, day(2))
    outcome = desk.load(COMPLETE, YEARS, day(3))
    assert outcome.rows == Counts(landed=3, admitted=3, new=1)
    dpsu = [row[-2:] for row in desk.history(COMPLETE) if row[1] == "dpsu"]
    assert dpsu == [(day(1), day(2)), (day(3), None)]


def test_a_key_that_is_not_stated_is_a_key_of_its_own(desk: Desk) -> None:
    desk.load(COMPLETE, b"year,sector,value\n2023-24,,1\n2023-24,0,2\n", day(1))
    outcome = desk.load(COMPLETE, b"year,sector,value\n2023-24,,3\n2023-24,0,2\n", day(2))
    assert outcome.rows == Counts(landed=2, admitted=2, changed=1)
    assert desk.current(COMPLETE) == [("2023-24", None, "3"), ("2023-24", "0", "2")]


@pytest.mark.parametrize("delivery", ["complete", "increment"])
@pytest.mark.parametrize("required", [True, False])
def test_a_number_in_the_key_is_the_same_key_however_it_is_written(
    desk: Desk, delivery: str, required: bool
) -> None:
    number = {"type": "numeric", "required": required}
    source = contract({"step": number, "name": {"type": "text"}}, delivery=delivery)
    desk.load(source, b"step,name\n1.0,a\n2.50,b\n", day(1))
    outcome = desk.load(source, b"step,name\n1,a\n2.5,c\n", day(2))
    assert outcome.rows == Counts(landed=2, admitted=2, changed=1)
    assert desk.current(source) == [("1.0", "a"), ("2.5", "c")]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("integer", (b"1", b"2")),
        ("date", (b"2025-01-01", b"2025-01-02")),
        ("timestamp", (b"2025-01-01T10:00Z", b"2025-01-01T11:00Z")),
        ("boolean", (b"yes", b"no")),
        ("json", (b"[1]", b"[2]")),
    ],
)
def test_a_key_may_be_of_any_type_and_partly_empty(
    desk: Desk, kind: str, cells: tuple[bytes, bytes]
) -> None:
    source = contract(
        {"id": {"type": kind}, "part": {"type": "text"}, "note": {"type": "text"}},
        key=["id", "part"],
    )
    rows = b"id,part,note\n%b,,a\n%b,x,b\n,x,c\n" % cells
    desk.load(source, rows, day(1))
    assert desk.load(source, rows.replace(b",c", b",d"), day(2)).rows == Counts(3, 3, changed=1)
    assert desk.load(source, rows.replace(b",c\n", b",d\n\n"), day(3)).status == "unchanged"


def test_a_row_that_is_repeated_in_every_cell_counts_once(desk: Desk) -> None:
    repeated = YEARS + b'2022-23,,108684\n2022-23,,"1,08,684"\n'
    outcome = desk.load(COMPLETE, repeated, day(1))
    assert outcome.rows == Counts(landed=5, admitted=3, repeated=2, new=3)
    assert desk.rejected(outcome.load_id) == []
    assert len(desk.current(COMPLETE)) == 3


def test_rows_of_one_key_with_other_values_are_all_rejected(desk: Desk) -> None:
    clashing = YEARS + b"2022-23,,106800\n2022-23,,108684\n"
    outcome = desk.load(COMPLETE, clashing, day(1))
    assert outcome.rows == Counts(landed=5, admitted=2, rejected=2, repeated=1, new=2)
    assert desk.rejected(outcome.load_id) == [
        (
            2,
            ["key repeats with other values on line 5"],
            {"year": "2022-23", "value": "108684"},
        ),
        (
            5,
            ["key repeats with other values on line 2"],
            {"year": "2022-23", "value": "106800"},
        ),
    ]
    assert desk.current(COMPLETE) == [("2023-24", None, "127434"), ("2023-24", "dpsu", "74739")]


def test_rows_that_differ_in_an_unknown_column_alone_do_not_repeat_each_other(desk: Desk) -> None:
    data = b"year,sector,value,status\n2022-23,,1,provisional\n2022-23,,1,final\n2023-24,,1,\n"
    outcome = desk.load(COMPLETE, data, day(1))
    assert outcome.rows == Counts(landed=3, admitted=1, rejected=2, new=1)
    assert [row for _, _, row in desk.rejected(outcome.load_id)] == [
        {"year": "2022-23", "value": "1", "status": "provisional"},
        {"year": "2022-23", "value": "1", "status": "final"},
    ]


def test_of_one_key_in_an_increment_the_last_stands(desk: Desk) -> None:
    outcome = desk.load(INCREMENT, YEARS + b"2022-23,,106800\n2022-23,,108700\n", day(1))
    assert outcome.rows == Counts(landed=5, admitted=3, repeated=2, new=3)
    assert ("2022-23", None, "108700") in desk.current(INCREMENT)
    assert len(desk.current(INCREMENT)) == 3


def test_a_key_freed_by_a_change_can_be_taken_in_the_same_delivery(desk: Desk) -> None:
    desk.load(COMPLETE, b"year,sector,value\na,,1\nb,,2\n", day(1))
    outcome = desk.load(COMPLETE, b"year,sector,value\na,,2\nb,,1\n", day(2))
    assert outcome.rows == Counts(landed=2, admitted=2, changed=2)
    assert desk.current(COMPLETE) == [("a", None, "2"), ("b", None, "1")]


def test_a_delivery_without_rows_closes_all_where_the_contract_allows_it(desk: Desk) -> None:
    assert desk.load(COMPLETE, b"year,sector,value\n", day(1)).rows == Counts()
    desk.load(COMPLETE, YEARS, day(2))
    outcome = desk.load(COMPLETE, b"year,sector,value\n", day(3))
    assert outcome.rows == Counts(closed=3)
    assert desk.current(COMPLETE) == []


def test_columns_may_have_the_names_that_loading_itself_uses(desk: Desk) -> None:
    names = ("sent", "old", "place", "admitted", "current", "delta", "clash", "times", "gone")
    source: Source = contract({name: {"type": "text"} for name in names}, key=["sent", "old"])
    header = ",".join(names).encode()
    desk.load(source, header + b"\n1,2,3,4,5,6,7,8,9\n1,,3,4,5,6,7,8,\n", day(1))
    outcome = desk.load(
        source, header + b"\n1,2,3,4,5,6,7,8,0\n1,,,4,5,6,7,8,\n1,,x,4,5,6,7,8,\n", day(2)
    )
    assert outcome.rows == Counts(landed=3, admitted=1, rejected=2, changed=1, closed=1)
    assert [row for _, _, row in desk.rejected(outcome.load_id)] == [
        {"sent": "1", **dict(zip(names[3:8], "45678", strict=True))},
        {"sent": "1", "place": "x", **dict(zip(names[3:8], "45678", strict=True))},
    ]
