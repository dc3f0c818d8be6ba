"""What a load refuses or warns about: staging stays as it was, the ledger says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loading import FIGURES, Desk, contract, day, figures, open_desk

from utpadan.ledger import Counts
from utpadan.load import LoadRefused, load
from utpadan.settings import Settings
from utpadan.source import Source

HEADER = b"year,sector,value\n"
YEARS = HEADER + b"2021-22,,94846\n2022-23,,108684\n2023-24,,127434\n2024-25,,150590\n"
TIGHT = figures(rows={"min": 3, "max": 5, "max_change": 0.5}, max_bad_share=0.25)


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


def refusal(desk: Desk, source: Source, data: bytes) -> str:
    """Why a load was refused after a good one; staging must be as it was, to the byte.

    The message goes on with how to get the bytes, and how to accept them where a bound broke.
    """
    desk.load(source, YEARS, day(1))
    before = desk.bytes_of(source)
    with pytest.raises(LoadRefused) as refused:
        desk.load(source, data, day(2))
    row = desk.newest_load(source)
    assert row["status"] == "refused"
    assert str(refused.value) == f"{source.name}: {row['message']}"
    assert [row[f"rows_{what}"] for what in ("new", "changed", "closed")] == [0, 0, 0]
    assert desk.bytes_of(source) == before
    assert desk.landing_tables() == []
    cause, _, remedy = str(row["message"]).partition("; `utpadan deliveries ")
    accept = "; if it is right: `utpadan accept figures --reason WHY`" if row["breaches"] else ""
    assert remedy == f"figures {row['delivery_id']} > FILE` gives its bytes{accept}"
    return cause


def test_too_many_bad_rows_refuse_the_delivery_and_all_of_them_are_kept(desk: Desk) -> None:
    data = YEARS.replace(b"94846", b"n/a").replace(b"2022-23", b"") + b"2025-26,,7\n"
    assert refusal(desk, TIGHT, data) == (
        "2 of 5 rows are rejected (40.0%), more than max_bad_share 25.0%; "
        "`utpadan rejected figures` shows them"
    )
    assert desk.rejected(desk.newest_load(TIGHT)["load_id"]) == [
        (2, ["value: 'n/a' is not a number"], {"year": "2021-22", "value": "n/a"}),
        (3, ["year: required, but empty"], {"value": "108684"}),
    ]


def test_a_bad_share_at_the_bound_is_taken(desk: Desk) -> None:
    outcome = desk.load(TIGHT, YEARS.replace(b"94846", b"n/a"), day(1))
    assert (outcome.status, outcome.rows.rejected) == ("loaded", 1)


def test_fewer_rows_than_the_minimum_refuse_the_delivery(desk: Desk) -> None:
    assert refusal(desk, TIGHT, HEADER + b"2022-23,,108684\n2023-24,,127434\n") == (
        "2 rows admitted, fewer than rows.min 3"
    )


def test_repeats_do_not_count_towards_the_minimum(desk: Desk) -> None:
    assert refusal(desk, TIGHT, HEADER + b"2022-23,,108684\n" * 3).startswith("1 rows admitted")


def test_more_rows_than_the_maximum_are_taken_with_a_warning(desk: Desk) -> None:
    outcome = desk.load(TIGHT, YEARS + b"2019-20,,1\n2020-21,,1\n", day(1))
    assert outcome.warnings == ["6 rows admitted, more than rows.max 5"]
    assert desk.newest_load(TIGHT)["warnings"] == outcome.warnings
    assert len(desk.current(TIGHT)) == 6


def test_too_much_change_refuses_the_delivery(desk: Desk) -> None:
    data = HEADER + b"2022-23,,1\n2023-24,,2\n2024-25,,150590\n2025-26,,3\n"
    assert refusal(desk, TIGHT, data) == (
        "3 of 4 current rows would change or close (75.0%), more than rows.max_change 50.0%"
    )


def test_change_at_the_bound_is_taken_and_new_rows_are_no_change(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    data = HEADER + b"2022-23,,1\n2023-24,,127434\n2024-25,,150590\n2025-26,,3\n2026-27,,4\n"
    outcome = desk.load(TIGHT, data, day(2))
    assert outcome.rows == Counts(landed=5, admitted=5, new=2, changed=1, closed=1)


def test_a_first_delivery_that_is_refused_leaves_no_staging(desk: Desk) -> None:
    with pytest.raises(LoadRefused, match="max_bad_share"):
        desk.load(TIGHT, HEADER + b"2022-23,,108684\n2023-24,,n/a\n", day(1))
    assert desk.statuses(TIGHT) == ["refused"]
    assert desk.rejected(desk.newest_load(TIGHT)["load_id"])[0][0] == 3
    assert desk.conn.execute("select to_regclass('staging.figures')").fetchone() == (None,)
    assert desk.landing_tables() == []


def test_a_delivery_that_cannot_be_read_is_on_record_as_refused(desk: Desk) -> None:
    message = refusal(desk, TIGHT, b"<!doctype html><html><body>Sign in</body></html>")
    assert message.startswith("figures.csv (")
    assert ":1: this is a web page, not CSV;" in message
    assert desk.newest_load(TIGHT)["rows_landed"] == 0


def test_a_delivery_broken_in_the_middle_is_on_record_as_refused(desk: Desk) -> None:
    rows = b"".join(b"%d,,1\n" % year for year in range(1000))
    message = refusal(desk, figures(), HEADER + rows + b'2025-26,"never closed,1\n')
    assert ":1002: the quote opened in this row is never closed" in message


def test_a_missing_required_column_refuses_the_delivery_by_name(desk: Desk) -> None:
    message = refusal(desk, TIGHT, YEARS.replace(b"year,", b"FY,"))
    assert ":1: the header lacks the required column year ('year')" in message


def test_a_missing_column_of_the_key_refuses_the_delivery_too(desk: Desk) -> None:
    message = refusal(desk, TIGHT, b"year,value\n2021-22,94846\n2022-23,108684\n2023-24,1\n")
    assert "lacks the required column sector ('sector')" in message


def test_a_missing_optional_column_is_empty_and_warned_about(desk: Desk) -> None:
    outcome = desk.load(figures(), b"year,sector\n2023-24,dpsu\n", day(1))
    assert outcome.warnings == ["the delivery has no column value"]
    assert desk.current(figures()) == [("2023-24", "dpsu", None)]


def test_an_unknown_column_is_kept_in_extra_and_warned_about(desk: Desk) -> None:
    source = figures(ignored={"Sr. No.": "a running number"})
    data = b"Sr. No.,year,sector,value,Growth %\n1,2022-23,,108684,\n2,2023-24,,127434,16.7\n"
    outcome = desk.load(source, data, day(1))
    assert outcome.warnings == ["unknown column 'Growth %' is kept in _extra"]
    assert [row[3] for row in desk.history(source)] == [None, {"Growth %": "16.7"}]


def test_a_row_changes_with_its_unknown_column_but_not_with_an_ignored_one(desk: Desk) -> None:
    source = figures(ignored={"Sr. No.": "a running number"})
    head = b"Sr. No.,year,sector,value,Growth %\n"
    desk.load(source, head + b"1,2022-23,,108684,8\n2,2023-24,,127434,\n", day(1))
    renumbered = head + b"2,2022-23,,108684,8\n1,2023-24,,127434,\n"
    assert desk.load(source, renumbered, day(2)).status == "unchanged"
    empty_now = b"year,sector,value\n2022-23,,108684\n2023-24,,127434\n"
    assert desk.load(source, empty_now, day(3)).rows == Counts(landed=2, admitted=2, changed=1)
    assert desk.history(source)[0][-2:] == (day(1), day(3))


def test_a_rejected_row_is_kept_whole_under_the_headers_it_came_with(desk: Desk) -> None:
    columns = {**FIGURES, "value": {**FIGURES["value"], "header": ["Value (Rs crore)"]}}
    source = contract(columns, ignored={"Sr. No.": "a running number"})
    data = b"Sr. No.,year,sector,Value (Rs crore),Growth %\n1,2022-23, dpsu ,n/a,16.7\n"
    outcome = desk.load(source, data + b"2,2023-24,,127434,\n", day(1))
    assert desk.rejected(outcome.load_id) == [
        (
            2,
            ["value: 'n/a' is not a number"],
            {
                "Sr. No.": "1",
                "year": "2022-23",
                "sector": " dpsu ",
                "value": "n/a",
                "Growth %": "16.7",
            },
        )
    ]


def test_a_ragged_row_is_rejected_and_its_neighbours_are_taken(desk: Desk) -> None:
    outcome = desk.load(figures(), YEARS + b"2025-26,,1,50,590\n2026-27\n2027-28,,5\n", day(1))
    assert [(line, reasons) for line, reasons, _ in desk.rejected(outcome.load_id)] == [
        (6, ["row has 5 cells, the header has 3"]),
        (7, ["row has 1 cells, the header has 3"]),
    ]
    assert outcome.reading == "careful"
    assert len(desk.current(figures())) == 5


def test_a_delivery_older_than_staging_is_refused(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(2))
    before = desk.bytes_of(TIGHT)
    with pytest.raises(LoadRefused) as refused:
        desk.load(TIGHT, YEARS.replace(b"94846", b"1"), day(1))
    assert str(refused.value) == (
        "figures: the delivery of 2026-01-01 20:30:15 is older than what staging knows "
        "(2026-01-02 20:30:15); `utpadan replay figures` reads all deliveries in order"
    )
    assert desk.bytes_of(TIGHT) == before


def test_one_delivery_is_loaded_once(desk: Desk) -> None:
    delivery = desk.deliver(TIGHT, YEARS, day(1))
    reading = desk.reading(TIGHT, delivery)
    assert load(desk.conn, TIGHT, reading, delivery) is not None
    before = desk.bytes_of(TIGHT)
    assert load(desk.conn, TIGHT, reading, delivery) is None
    assert desk.bytes_of(TIGHT) == before
    assert desk.statuses(TIGHT) == ["loaded"]


def test_a_refused_delivery_is_taken_once_the_bounds_allow_it(desk: Desk) -> None:
    desk.load(TIGHT, YEARS, day(1))
    delivery = desk.deliver(TIGHT, YEARS.replace(b"8", b"9").replace(b"5", b"6"), day(2))
    with pytest.raises(LoadRefused, match="max_change"):
        load(desk.conn, TIGHT, desk.reading(TIGHT, delivery), delivery)
    wide = figures()
    outcome = load(desk.conn, wide, desk.reading(wide, delivery), delivery)
    assert outcome is not None and outcome.status == "loaded"
    assert desk.statuses(TIGHT) == ["loaded", "refused", "loaded"]


@pytest.mark.parametrize(
    ("kind", "cell", "cause"),
    [
        ("text", b"".join(b"%d!" % (n * n) for n in range(3000)), "index"),
        ("json", b"[" * 50_000, "stack depth"),
    ],
)
def test_a_cell_beyond_the_limits_of_the_server_is_refused_with_the_cause(
    desk: Desk, kind: str, cell: bytes, cause: str
) -> None:
    source = contract({"id": {"type": kind}, "note": {"type": "text"}})
    with pytest.raises(LoadRefused, match=cause):
        desk.load(source, b"id,note\n" + cell + b",x\n", day(1))
    assert desk.statuses(source) == ["refused"]
    assert desk.landing_tables() == []


def test_a_file_of_more_columns_than_a_table_can_have_is_refused(desk: Desk) -> None:
    header = b"year,sector,value" + b"".join(b",c%d" % number for number in range(1600))
    with pytest.raises(LoadRefused, match="columns"):
        desk.load(TIGHT, header + b"\n" + b"1" + b"," * 1602 + b"\n", day(1))
    assert desk.statuses(TIGHT) == ["refused"]
