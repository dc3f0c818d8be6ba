"""HTML tables, on one page or on many, and web pages that are none."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from reading import Line, contract, lines

from utpadan.parse import ParseError, Table, read

SOURCE = contract(
    {"kind": "html"},
    {
        "item": {"required": True, "header": ["Item"]},
        "list": {"required": True, "header": ["List"]},
        "source_url": {"header": ["Source"]},
    },
)
HEAD = "<thead><tr><th>S.No.</th><th>Item</th><th>List</th><th>Source</th></tr></thead>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.html"


def page(*rows: str, head: str = HEAD, foot: str = "") -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        "<!DOCTYPE html><html><head><title>Items</title></head><body><p>Welcome</p>"
        f"<table><tr><td>Menu</td></tr></table><table>{head}<tbody>{body}</tbody>{foot}</table>"
    )


def parsed(path: Path, text: str | bytes) -> Table:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(SOURCE, path)


def cells(path: Path, text: str | bytes) -> list[list[str | None]]:
    return [list(line.cells.values()) for line in lines(parsed(path, text))]


def test_the_table_with_the_header_is_read_and_its_rows_counted(path: Path) -> None:
    table = parsed(
        path,
        page(
            "<td>1</td><td>Fuze  for\n shells</td><td>DMA PIL-1</td><td><a href='/x'>https://x</a></td>",
            "<td>2</td><td>A &amp; B<br>C</td><td>DMA&nbsp;PIL-2</td><td></td>",
            foot="<tfoot><tr><td colspan=4>Total items: 2</td></tr></tfoot>",
        ),
    )
    assert table.headers == ("S.No.", "Item", "List", "Source")
    assert lines(table) == [
        Line(
            2,
            {"S.No.": "1", "Item": "Fuze for shells", "List": "DMA PIL-1", "Source": "https://x"},
            "",
        ),
        Line(3, {"S.No.": "2", "Item": "A & B C", "List": "DMA PIL-2", "Source": None}, ""),
    ]


def test_pages_are_one_table_with_running_rows(path: Path) -> None:
    row = "<td>1</td><td>{}</td><td>L</td><td></td>"
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.html", page(row.format("A"), row.format("B")))
        archive.writestr("0002.html", page(row.format("C")))
    found = lines(read(SOURCE, path))
    assert [(line.line, line.cells["Item"]) for line in found] == [(2, "A"), (3, "B"), (5, "C")]


def test_a_page_with_other_headers_is_refused(path: Path) -> None:
    other = "<tr><th>List</th><th>Item</th></tr>"
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.html", page("<td>1</td><td>A</td><td>L</td><td></td>"))
        archive.writestr("0002.html", page("<td>L</td><td>B</td>", head=other))
    with pytest.raises(ParseError, match=r"items\.html/0002\.html: this page has the headers"):
        lines(read(SOURCE, path))


def test_a_header_over_two_rows_is_completed(path: Path) -> None:
    head = (
        "<tr><th rowspan=2>Item</th><th colspan=2>Origin</th></tr>"
        "<tr><th>List</th><th>Source</th></tr>"
    )
    table = parsed(path, page("<td>Fuze</td><td>L1</td><td>u</td>", head=head))
    assert table.headers == ("Item", "List", "Source")
    assert lines(table) == [Line(3, {"Item": "Fuze", "List": "L1", "Source": "u"}, "")]


@pytest.mark.parametrize(
    ("meta", "encoding"),
    [
        ("", "utf-8"),
        ("", "cp1252"),
        ('<meta charset="windows-1252">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
    ],
)
def test_encodings_are_found(path: Path, meta: str, encoding: str) -> None:
    text = page("<td>1</td><td>Café €</td><td>L</td><td></td>").replace("<head>", f"<head>{meta}")
    assert cells(path, text.encode(encoding)) == [["1", "Café €", "L", None]]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (b"", "no web page"),
        (
            "<html><title>Down for\nrepair</title><body>Sorry",
            "no table on the page titled 'Down for r",
        ),
        (
            page(head="<tr><th>Item</th></tr>"),
            r"the header lacks the required column list \('List'\)",
        ),
        ("<table><tr><td colspan=1000>" + "<td colspan=1000>" * 5, "a row of 5,000 cells"),
        (b'<meta charset="utf-8"><table><tr><td>\n\xff', r"items\.html:2: broken text"),
    ],
)
def test_what_is_no_such_page_is_refused(path: Path, text: str | bytes, cause: str) -> None:
    with pytest.raises(ParseError, match=cause):
        parsed(path, text)
