"""Ugly deliveries that are made, since they would be large, binary or unreadable in a diff."""

from __future__ import annotations

import gzip
import io
import lzma
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

from ugly_workbooks import WORKBOOKS

CSV = b"year,sector,value_crore\n2023-24,total,127434\n"
RECORD = '{"year": "2024-25", "sector": "total", "value_crore": 150590%s}'
LIMIT = 16 * 1024 * 1024
"""The longest line of CSV."""


def zipped(*pages: tuple[str, str | bytes], method: int = ZIP_DEFLATED) -> bytes:
    """A zip of pages, as a portal's pages are kept."""
    data = io.BytesIO()
    with ZipFile(data, "w", method) as archive:
        for name, body in pages:
            archive.writestr(name, body)
    return data.getvalue()


def wide_csv(columns: int) -> bytes:
    names = [b"c%d" % number for number in range(columns - 3)]
    cells = [b"1"] * (columns - 3)
    rows = [b"year", b"sector", b"value_crore", *names], [b"2023-24", b"total", b"1", *cells]
    return b"".join(b",".join(row) + b"\n" for row in rows)


def records(more: str = "", count: int = 1) -> str:
    """A JSON document of so many records, each with `more` at its end."""
    return '{"data": [' + ", ".join([RECORD % more] * count) + "]}"


def overwritten(data: bytes, place: int, patch: bytes) -> bytes:
    """The data with other bytes at that place."""
    return data[:place] + patch + data[place + len(patch) :]


def size_that_lies() -> bytes:
    data = zipped(("0001.json", records()))
    return overwritten(data, data.index(b"PK\x01\x02") + 24, (20).to_bytes(4, "little"))


def damaged_lzma() -> bytes:
    data = zipped(("0001.json", records(count=500)), method=ZIP_LZMA)
    return overwritten(data, 60, b"\xff" * 30)


MADE: dict[str, Callable[[], bytes]] = {
    **WORKBOOKS,
    "gzip.csv": lambda: gzip.compress(CSV, mtime=0),
    "xz.csv": lambda: lzma.compress(CSV),
    "zip.csv": lambda: zipped(("production.csv", CSV)),
    "old_office.csv": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "columns_2000.csv": lambda: wide_csv(2000),
    "columns_5000.csv": lambda: wide_csv(5000),
    "row_of_a_million_commas.csv": lambda: CSV + b"2024-25,total," + b"," * 1_000_000 + b"\n",
    "long_cell.csv": lambda: b"year,sector,note\n2023-24,total," + b"x" * 1_000_000 + b"\n",
    "long_line.csv": lambda: CSV + b"2024-25,total,1" + b"0" * LIMIT + b"\n",
    "long_first_line.csv": lambda: b"0" * (LIMIT + 1),
    "long_row_over_lines.csv": lambda: (
        CSV + b'2024-25,total,"' + (b"1," * 500 + b"\n") * (LIMIT // 1000)
    ),
    "key_too_long.csv": lambda: (
        CSV + b"2024-25," + b"".join(b"%d!" % (number * number) for number in range(3000)) + b",1\n"
    ),
    "nested_deep.json": lambda: records(', "note": ' + "[" * 5000 + "]" * 5000).encode(),
    "nested_600_deep.json": lambda: records(', "more": ' + "[" * 600 + "]" * 600).encode(),
    "huge_number.json": lambda: records(', "units": ' + "9" * 100_000).encode(),
    "bom.json": lambda: records().encode("utf-8-sig"),
    "utf16.json": lambda: records().encode("utf-16"),
    "fields_5000.json": lambda: records(
        "".join(f', "c{number}": 1' for number in range(5000))
    ).encode(),
    "pages.json": lambda: zipped(("0001.json", records()), ("0002.json", '{"data": []}')),
    "page_cut_off.json": lambda: zipped(("0001.json", records()), ("0002.json", records()[:-9])),
    "page_outside.json": lambda: zipped(("../../../tmp/evil.json", records())),
    "page_of_ansi.json": lambda: zipped(("\x1b[31m.json", "[")),
    "bomb.json": lambda: zipped(("0001.json", records() + " " * 8 * 1024 * 1024)),
    "size_that_lies.json": size_that_lies,
    "damaged_lzma.json": damaged_lzma,
    "gzip.json": lambda: gzip.compress(records().encode(), mtime=0),
    "empty_zip.json": lambda: zipped(),
    "cut_off_zip.json": lambda: zipped(("0001.json", records()))[:-40],
    "spans_without_end.html": lambda: b"<table><tr>" + b"<td colspan=1000>x" * 100_000,
    "feed_without_pages.rss": lambda: zipped(("0001.html", "<p>A page.</p>")),
}
