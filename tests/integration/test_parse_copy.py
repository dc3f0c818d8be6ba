"""The fast reading of CSV, by COPY itself: it agrees with the careful one or is refused."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection, sql

from utpadan.parse import NeedsCare, ParseError, Table, read
from utpadan.settings import Settings
from utpadan.source import Source

SOURCE = Source(
    **{
        "name": "production",
        "domain": "production_exports",
        "folder": Path("/nowhere/production"),
        "title": "Production",
        "description": "Value of production by sector, for the tests of parsing.",
        "publisher": {"name": "Nobody", "official": False},
        "licence": {"name": "None", "note": "Made for tests."},
        "owner": "test-desk",
        "fetch": {"kind": "file", "path": "production.csv"},
        "format": {"kind": "csv"},
        "delivery": "complete",
        "grain": "one sector in one fiscal year",
        "key": ["year"],
        "rows": {"min": 0, "max": 1000, "max_change": 1},
        "freshness_days": 400,
        "max_bad_share": 0.1,
        "columns": {
            name: {"type": "text", "description": f"The {name} of the test."}
            for name in ("year", "sector", "note")
        },
    }
)
ROW = st.sampled_from([b"FY1,total,\n", b"FY2,dpsu,final\r\n", b'FY3,"a, b","c ""d"" e"\n'])
PIECES = [
    *(b'"', b'""', b",", b"\n", b"\r\n", b"\r", b" ", b"\t", b"x", b"\\.", b"\\", b"'"),
    *(b"\0", b"\xff", b"\xc3\xa9", b"\xc2\xa0", b"\xef\xbb\xbf", b"Source: x", b"Total"),
    *(b"year,sector,note\n", b'"x\ny"', b'6" gun', b",,\n", b"note,year,sector\n"),
]
PIECE = st.sampled_from(PIECES)
BODY = st.lists(ROW | st.lists(PIECE, max_size=6).map(b"".join), max_size=6).map(b"".join)
COLUMNS = sql.SQL(", ").join(map(sql.Identifier, ("year", "sector", "note")))

Rows = list[tuple[int, list[str | None]]]


@pytest.fixture(scope="module")
def landing(shared_warehouse: Settings) -> Iterator[Connection]:
    with psycopg.connect(shared_warehouse.admin_url, autocommit=True) as conn:
        conn.execute(
            "create temporary table landing (line bigint generated always as identity, "
            "fault text, year text, sector text, note text)"
        )
        yield conn


def copied(conn: Connection, table: Table) -> Rows:
    """What COPY makes of the fast reading, with lines. Raises what COPY refuses."""
    conn.execute("truncate landing restart identity")
    statement = sql.SQL("copy landing ({0}) from stdin (format csv, force_null ({0}))")
    with conn.cursor() as cursor, cursor.copy(statement.format(COLUMNS)) as stream:
        for block in table.blocks:
            stream.write(block)
    rows = conn.execute(sql.SQL("select line, {} from landing order by line").format(COLUMNS))
    return [(line + table.first_line - 1, cells) for line, *cells in rows]


def read_carefully(conn: Connection, table: Table) -> Rows:
    """The careful reading by way of COPY; a fault stands in the place of its cells."""
    conn.execute("create temporary table careful (like landing)")
    statement = sql.SQL("copy careful (line, fault, {0}) from stdin (format csv)").format(COLUMNS)
    try:
        with conn.cursor() as cursor, cursor.copy(statement) as stream:
            for block in table.blocks:
                stream.write(block)
        rows = conn.execute(sql.SQL("select line, fault, {} from careful").format(COLUMNS))
        return [(line, cells if fault is None else [fault]) for line, fault, *cells in rows]
    finally:
        conn.execute("drop table careful")


@settings(
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(body=BODY)
@example(body=b'FY1,5" or 6" gun,\n')
@example(body=b'FY1,a""b,\n')
@example(body=b'FY1,"a"b,\n')
@example(body=b"FY1,total,\n\n,,\nFY2,total,\n")
@example(body=b"FY1,total,\n\\.\nFY2,total,\n")
@example(body=b"FY1,total,\nSource: x,,\n")
@example(body=b",,")
@example(body=b"FY1,total,\nyear,sector,note")
def test_copy_and_the_careful_reading_never_differ_in_silence(
    landing: Connection, tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    path = tmp_path_factory.mktemp("copy") / "production.csv"
    path.write_bytes(b"year,sector,note\n" + body)
    try:
        fast = read(SOURCE, path)
        rows = copied(landing, fast) if fast.careful else []
    except (ParseError, NeedsCare, psycopg.DataError):
        return
    if fast.careful:
        assert rows == read_carefully(landing, fast.careful())
