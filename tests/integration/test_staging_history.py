"""Staging as history: half-open, to the microsecond, one version at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import Desk, contract, day, figures, open_desk
from psycopg.sql import SQL, Identifier

from utpadan.settings import Settings

HEADER = b"year,sector,value\n"
TICK = timedelta(microseconds=1)


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


@pytest.fixture
def revised(desk: Desk) -> Desk:
    """Production of 2022-23, provisional, then revised, then gone, then back as it was."""
    figure = HEADER + b"2022-23,,106800\n2023-24,,126887\n"
    desk.load(figures(), figure, day(1))
    desk.load(figures(), figure.replace(b"106800", b"108684"), day(2))
    desk.load(figures(), HEADER + b"2023-24,,126887\n", day(3))
    desk.load(figures(), figure, day(4))
    return desk


def test_every_version_holds_from_its_delivery_to_the_next_that_differs(revised: Desk) -> None:
    assert revised.history(figures()) == [
        ("2022-23", None, "106800", None, 2, day(1), day(2)),
        ("2022-23", None, "108684", None, 2, day(2), day(3)),
        ("2022-23", None, "106800", None, 2, day(4), None),
        ("2023-24", None, "126887", None, 3, day(1), None),
    ]


@pytest.mark.parametrize(
    ("moment", "known"),
    [
        (day(1) - TICK, []),
        (day(1), ["106800", "126887"]),
        (day(2) - TICK, ["106800", "126887"]),
        (day(2), ["108684", "126887"]),
        (day(3) - TICK, ["108684", "126887"]),
        (day(3), ["126887"]),
        (day(4) - TICK, ["126887"]),
        (day(4), ["106800", "126887"]),
        (day(28), ["106800", "126887"]),
    ],
)
def test_as_of_a_moment_is_one_predicate_and_half_open(
    revised: Desk, moment: datetime, known: list[str]
) -> None:
    assert [value for _, _, value in revised.as_of(figures(), moment)] == known


def test_a_version_is_known_from_the_moment_its_delivery_was_fetched(desk: Desk) -> None:
    fetched_at = datetime(2025, 3, 31, 18, 29, 59, 999999, UTC)
    desk.load(figures(), HEADER + b"2022-23,,1\n", fetched_at)
    assert desk.history(figures())[0][5:] == (fetched_at, None)


def test_every_version_names_the_load_and_the_line_it_came_with(desk: Desk) -> None:
    first = desk.load(figures(), HEADER + b"2022-23,,1\n2023-24,,2\n", day(1))
    second = desk.load(figures(), HEADER + b"2023-24,,3\n2022-23,,1\n", day(2))
    query = "select year, value::text, _load_id, _line from staging.figures order by _line, value"
    assert desk.conn.execute(query).fetchall() == [
        ("2022-23", "1", first.load_id, 2),
        ("2023-24", "3", second.load_id, 2),
        ("2023-24", "2", first.load_id, 3),
    ]


def test_staging_has_the_types_and_descriptions_of_the_contract(desk: Desk) -> None:
    kinds = ("text", "integer", "numeric", "date", "timestamp", "boolean", "json")
    source = contract({f"a_{kind}": {"type": kind} for kind in kinds})
    desk.load(source, b"a_text,a_integer,a_numeric,a_date,a_timestamp,a_boolean,a_json\n", day(1))
    rows = desk.conn.execute(
        "select attname, atttypid::regtype::text, col_description(attrelid, attnum) "
        "from pg_attribute where attrelid = 'staging.figures'::regclass and attnum > 0 "
        "order by attnum"
    ).fetchall()
    timestamp = "timestamp with time zone"
    assert [row[:2] for row in rows] == [
        ("a_text", "text"),
        ("a_integer", "bigint"),
        ("a_numeric", "numeric"),
        ("a_date", "date"),
        ("a_timestamp", timestamp),
        ("a_boolean", "boolean"),
        ("a_json", "jsonb"),
        ("_extra", "jsonb"),
        ("_load_id", "bigint"),
        ("_line", "bigint"),
        ("_known_from", timestamp),
        ("_known_to", timestamp),
    ]
    assert rows[0][2] == "The a_text of the test."
    assert all(description for _, _, description in rows)


def test_the_key_is_unique_among_current_rows_even_where_it_is_empty(revised: Desk) -> None:
    again = "insert into staging.figures select * from staging.figures where _known_to is null"
    with pytest.raises(psycopg.errors.UniqueViolation):
        revised.conn.execute(again)


def test_times_are_read_in_utc_whatever_the_server_is_set_to(
    desk: Desk, shared_warehouse: Settings
) -> None:
    name = Identifier(desk.conn.info.dbname)
    moments = contract(
        {"at": {"type": "timestamp"}, "on_day": {"type": "date", "max": "2025-01-31"}}
    )
    with psycopg.connect(shared_warehouse.admin_url, autocommit=True) as admin:
        admin.execute(SQL("alter database {} set timezone = 'Asia/Kolkata'").format(name))
        admin.execute(SQL("alter database {} set datestyle = 'SQL, DMY'").format(name))
        try:
            with open_desk(shared_warehouse) as indian:
                data = b"at,on_day\n2025-01-02T03:04,2025-01-02\n2025-01-03,2025-02-01\n"
                outcome = indian.load(moments, data, day(1))
                reasons = indian.rejected(outcome.load_id)[0][1]
        finally:
            admin.execute(SQL("alter database {} reset all").format(name))
    assert reasons == ["on_day: 2025-02-01 is above 2025-01-31"]
    assert desk.current(moments) == [("2025-01-02T03:04:00Z", "2025-01-02")]


ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "x"])),
    st.sampled_from(["", "1", "2"]),
    max_size=4,
)


@given(deliveries=st.lists(ROWS, min_size=1, max_size=5))
@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_as_of_each_delivery_staging_is_that_delivery(
    shared_warehouse: Settings, deliveries: list[dict[tuple[str, str], str]]
) -> None:
    source = figures()
    with open_desk(shared_warehouse) as desk:
        for number, rows in enumerate(deliveries, start=1):
            lines = [f"{year},{sector},{value}\n" for (year, sector), value in rows.items()]
            desk.load(source, HEADER + "".join(lines).encode(), day(number))
        for number, rows in enumerate(deliveries, start=1):
            expected = {(year, s or None, value or None) for (year, s), value in rows.items()}
            assert set(desk.as_of(source, day(number))) == expected
        versions = desk.history(source)
    for earlier, later in pairwise(versions):
        if earlier[:2] == later[:2]:
            assert earlier[-1] is not None and earlier[-1] <= later[-2]
            assert earlier[-1] < later[-2] or earlier[2] != later[2]
