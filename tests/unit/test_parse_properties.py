"""Any bytes at all: a table, or a ParseError with a message that can be printed. Nothing else."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reading import contract, lines

from utpadan.parse import NeedsCare, ParseError, read
from utpadan.source import Source
from utpadan.table import BLANKS, visible

COLUMNS: dict[str, dict[str, Any]] = {
    "year": {"required": True},
    "sector": {},
    "value": {"header": ["value", "Value (Rs crore)"]},
}
FEW = settings(
    deadline=None,
    derandomize=True,
    max_examples=120,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def workbook() -> bytes:
    """A small workbook, packed without compression, so that a changed byte is one of its XML."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["year", "sector", "value"], ["2024-25", "total", 150590], ["2025-26", "=1+1", 2]):
        sheet.append(row)
    saved, plain = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with ZipFile(saved) as packed, ZipFile(plain, "w", ZIP_STORED) as archive:
        for name in packed.namelist():
            archive.writestr(name, packed.read(name))
    return plain.getvalue()


GOOD: dict[str, tuple[dict[str, Any], bytes]] = {
    "csv": ({"kind": "csv"}, b'year,sector,value\n2024-25,"to""tal",1\r\n2025-26,x,"2\n3"\n'),
    "json": (
        {"kind": "json", "records": "data"},
        b'{"data": [{"year": "2024-25", "sector": {"a": [1.5e3, null]}, "value": -1}]}',
    ),
    "xlsx": ({"kind": "xlsx", "sheet": "Sheet"}, workbook()),
    "html": (
        {"kind": "html"},
        b"<!doctype html><html><head><meta charset=utf-8><title>x</title></head><body><table>"
        b"<tr><th>year</th><th>sector</th></tr><tr><td rowspan=2>2024-25<td>a&amp;b&#8377;</tr>"
        b"<tr><td colspan=3><p>x<br>y</table></body></html>",
    ),
    "rss": (
        {"kind": "rss"},
        b'<?xml version="1.0"?><rss version="2.0"><channel><item><year>2024-25</year><title>'
        b"<![CDATA[x]]></title><pubDate>Tue, 01 Apr 2025 17:30:00 +0530</pubDate></item>"
        b"</channel></rss>",
    ),
}
PIECES = {
    "csv": [b'"', b",", b"\n", b"\r", b"\0", b"\xff\xfe", b"year,sector\n", b";", b"\xe2\x82"],
    "json": [b"{", b"]", b'"', b"\\u0000", b"\\ud800", b"NaN", b"1e999", b'"year":', b"[" * 600],
    "xlsx": [b"PK\x03\x04", b"PK\x01\x02", b"<row ", b"</c>", b't="s"', b"&x;", b"1e999", b'r="A'],
    "html": [
        b"<table>",
        b"</tr>",
        b"<td rowspan=9999>",
        b"&#0;",
        b"\x01",
        b"\xff",
        b"<!--",
        b"<b>",
    ],
    "rss": [b"<item>", b"</item>", b"&nbsp;", b"<!DOCTYPE x [", b"<guid/>", b"\x1b", b"<x:y/>"],
}


@st.composite
def mangled(draw: st.DrawFn, kind: str) -> bytes:
    """A good delivery after a few cuts, insertions and changed bytes; or any bytes."""
    data = GOOD[kind][1]
    piece = st.binary(max_size=4) | st.sampled_from(PIECES[kind])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        cut = draw(st.sampled_from([0, 0, 1, 2, 30, len(data)]))
        data = data[:place] + draw(piece) + data[place + cut :]
    return data


def told(source: Source, path: Path, data: bytes) -> None:
    """Read it as loading does; what cannot be read must be told in one printable line."""
    path.write_bytes(data)
    try:
        table = read(source, path)
        if table.careful:
            with suppress(NeedsCare):
                list(table.blocks)
            table = table.careful()
        lines(table)
    except ParseError as error:
        assert str(error).isprintable() and str(error).startswith("production/delivery")


@pytest.mark.parametrize("kind", GOOD)
def test_any_delivery_is_read_or_refused_in_words(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = contract(GOOD[kind][0], COLUMNS)
    path = tmp_path_factory.mktemp("any") / "delivery"

    @FEW
    @given(data=mangled(kind) | st.binary(max_size=60))
    def try_all(data: bytes) -> None:
        told(source, path, data)

    told(source, path, GOOD[kind][1])
    try_all()


@pytest.mark.parametrize("blank", BLANKS)
def test_the_fast_reading_knows_every_blank_that_admission_trims(
    blank: str, tmp_path: Path
) -> None:
    path = tmp_path / "delivery"
    path.write_text(f"year;sector\n2024-25;to{blank}tal\n2025-26;total\n", newline="")
    table = read(contract({"kind": "csv"}, COLUMNS), path)
    if table.numbered or blank in "\r\n":
        return
    list(table.blocks)
    assert table.has_blanks() is (blank != " ")


def test_what_a_terminal_would_obey_is_spelled_out() -> None:
    text = "a\x1b[31m\u202eb\x07\x9b\ud800\udcff ₹\n\tक्‍ष"
    assert visible(text) == r"a\x1b[31m\u202eb\x07\x9b\ud800\xff ₹" + "\n\tक्\u200dष"
