"""Delimited text as the world sends it: read right, or refused with the line and the cause."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Line, contract, lines

from utpadan.parse import NeedsCare, Table, read

SOURCE = contract({"kind": "csv"})
PLAIN = b"Fiscal Year,sector,value_crore,note\n2023-24,total,127434,\n2024-25,total,150590,final\n"
PLAIN_ROWS = [
    Line(
        2, {"Fiscal Year": "2023-24", "sector": "total", "value_crore": "127434", "note": None}, ""
    ),
    Line(
        3,
        {"Fiscal Year": "2024-25", "sector": "total", "value_crore": "150590", "note": "final"},
        "",
    ),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "production.csv"


def parsed(path: Path, data: bytes) -> Table:
    path.write_bytes(data)
    return read(SOURCE, path)


def careful(path: Path, data: bytes) -> Table:
    """The careful reading, as loading asks for it when COPY or the fast one gives up."""
    table = parsed(path, data)
    return table.careful() if table.careful else table


def cells(path: Path, data: bytes) -> list[list[str | None]]:
    return [list(line.cells.values()) for line in lines(careful(path, data))]


def test_a_plain_file_goes_to_copy_as_it_is(path: Path) -> None:
    table = parsed(path, PLAIN)
    assert not table.numbered
    assert table.first_line == 2
    assert b"".join(table.blocks) == PLAIN.split(b"\n", 1)[1]


def test_both_readings_of_a_plain_file_agree(path: Path) -> None:
    assert lines(parsed(path, PLAIN)) == PLAIN_ROWS
    assert lines(careful(path, PLAIN)) == PLAIN_ROWS


def test_plain_quotes_stay_on_the_fast_path(path: Path) -> None:
    data = PLAIN + b'2025-26,"dpsu, new",1,"said ""about"" so"\n'
    table = parsed(path, data)
    assert not table.numbered
    assert lines(table)[2].cells["sector"] == "dpsu, new"
    assert lines(careful(path, data))[2].cells["note"] == 'said "about" so'


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("a quoted newline", b'2025-26,"a\nb",1,\n'),
        ("a quote inside a cell", b'2025-26,5" and 6" guns,1,\n'),
        ("a doubled quote in a bare cell", b'2025-26,a""b,1,\n'),
        ("a cell that ends in a quote", b'2025-26,6",7",\n'),
        ("a NUL", b"2025-26,a\0b,1,\n"),
        ("the header again", b"Fiscal Year,sector,value_crore,note\n2025-26,total,1,\n"),
        (
            "the header spelled otherwise",
            b' "FISCAL  year" ,sector,value_crore,note\n2025-26,total,1,\n',
        ),
        ("another header", b"value crore,sector,note,year\n"),
        ("a blank line", b"\n2025-26,total,1,\n"),
        ("a row of empty cells", b",,,\n2025-26,total,1,\n"),
        ("the end mark of COPY", b"\\.\n2025-26,total,1,\n"),
    ],
)
def test_the_fast_path_hands_over(path: Path, what: str, row: bytes) -> None:
    table = parsed(path, PLAIN + row)
    with pytest.raises(NeedsCare):
        lines(table)


def test_a_file_that_ends_in_a_footer_is_read_with_care_at_once(path: Path) -> None:
    assert parsed(path, PLAIN + b"Source: Ministry of Defence,,,\n").numbered
    assert lines(careful(path, PLAIN + b"Source: Ministry of Defence,,,\n")) == PLAIN_ROWS


def test_blank_lines_at_the_end_do_not_cost_the_fast_path(path: Path) -> None:
    table = parsed(path, PLAIN + b"\n\r\n\n")
    assert not table.numbered
    assert lines(table) == PLAIN_ROWS


def test_blocks_end_with_a_line_whatever_the_size_of_the_file(path: Path) -> None:
    rows = b"".join(b"%04d-00,total,%d,%s\n" % (i, i, b"x" * 900) for i in range(3000))
    table = parsed(path, b"year,sector,value_crore,note\n" + rows)
    blocks = list(table.blocks)
    assert len(blocks) == 3
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks) == rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(path: Path, delimiter: str) -> None:
    data = PLAIN.replace(b",", delimiter.encode())
    assert lines(parsed(path, data)) == PLAIN_ROWS
    assert lines(careful(path, data)) == PLAIN_ROWS


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_line_ends_are_found(path: Path, newline: bytes) -> None:
    assert lines(careful(path, PLAIN.replace(b"\n", newline))) == PLAIN_ROWS


def test_headers_match_whatever_their_case_and_blanks(path: Path) -> None:
    data = PLAIN.replace(b"Fiscal Year,sector", "\u00a0fiscal_YEAR ,Sector".encode())
    table = parsed(path, data)
    assert table.headers == ("fiscal_YEAR", "Sector", "value_crore", "note")
    assert lines(table)[0].cells["Sector"] == "total"


def test_unknown_columns_are_kept_under_their_own_names(path: Path) -> None:
    table = parsed(path, b",year,sector,Remark,Remark\n0,2024-25,total,a,b\n")
    assert table.headers == ("column 1", "year", "sector", "Remark", "Remark (2)")
    assert list(lines(table)[0].cells.values()) == ["0", "2024-25", "total", "a", "b"]


def test_repeated_headers_and_blank_lines_are_skipped(path: Path) -> None:
    header, first, second = PLAIN.splitlines(keepends=True)
    found = lines(careful(path, header + first + b"\n,,,\n" + header + second))
    assert [line.line for line in found] == [2, 6]


@pytest.mark.parametrize(
    "footer",
    [
        b"Source: PIB, 7 July 2025\n",
        b"\nSource: PIB\nas of July 2025\n",
        b"Note: provisional,,,\n",
        b"* provisional,,,\n",
        b"\nCompiled by hand from releases,,,\n",
        b"Total,,,\n",
    ],
)
def test_footers_are_dropped(path: Path, footer: bytes) -> None:
    assert lines(careful(path, PLAIN + footer)) == PLAIN_ROWS


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (b"2025-26\n", "row has 1 cells, the header has 4"),
        (b"Total,total,278024,\n", ""),
        (b"Total,,278024,\n", ""),
    ],
)
def test_what_is_not_clearly_a_footer_stays_a_row(path: Path, row: bytes, fault: str) -> None:
    assert lines(careful(path, PLAIN + row))[2].fault == fault


def test_a_footer_that_data_follows_is_no_footer(path: Path) -> None:
    found = lines(careful(path, PLAIN + b"Source: PIB\n2025-26,total,1,\n"))
    assert [(line.line, line.fault) for line in found[2:]] == [
        (4, "row has 1 cells, the header has 4"),
        (5, ""),
    ]


def test_a_header_alone_is_an_empty_table(path: Path) -> None:
    for data in (b"year,sector", b"year,sector\n", b"year,sector\r\n\r\n"):
        assert lines(parsed(path, data)) == []
        assert lines(careful(path, data)) == []


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
CP1252_CELL = st.text(st.sampled_from("abXY01 ,;|\t\"'\n\r.-éßñ%()"), max_size=12)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, list[str | None]]]]:
    """A file of any text cells, and the line and cells of each of its rows."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    cell = CP1252_CELL if encoding == "cp1252" else CELL
    text = delimiter.join(["year", "sector", "value_crore", "note"]) + newline
    expected: list[tuple[int, list[str | None]]] = []
    for number, pair in enumerate(draw(st.lists(st.tuples(cell, cell), max_size=8))):
        row = [f"FY{number}", "total", *pair]
        expected.append((len(re.findall("\r\n|\r|\n", text)) + 1, [c or None for c in row]))
        quoted = [draw(st.booleans()) or bool(set(c) & set(',;|\t\r\n"')) for c in row]
        spelled = (
            '"' + c.replace('"', '""') + '"' if q else c for c, q in zip(row, quoted, strict=True)
        )
        text += delimiter.join(spelled) + newline
    return text.encode(encoding), expected


@settings(deadline=None, derandomize=True)
@given(file=files())
def test_any_cells_come_back_with_their_lines(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[bytes, list[tuple[int, list[str | None]]]]
) -> None:
    data, expected = file
    path = tmp_path_factory.mktemp("csv") / "production.csv"
    slow = lines(careful(path, data))
    assert [(line.line, list(line.cells.values())) for line in slow] == expected
    assert not any(line.fault for line in slow)
    try:
        fast = lines(parsed(path, data))
    except (NeedsCare, UnicodeDecodeError):  # COPY refuses what is not UTF-8
        return
    assert fast == slow


@pytest.mark.parametrize(
    ("row", "has_blanks"),
    [
        (b"2025-26,new total,1,in words\n", False),
        (b"2025-26, total,1,\n", True),
        (b"2025-26,total ,1,\n", True),
        (b"2025-26,total,1,final \n", True),
        (b"2025-26,total,1,final \r\n", True),
        (b" 2025-26,total,1,\n", True),
        (b'2025-26," total",1,\n', True),
        (b"2025-26,total\t,1,\n", True),
        ("2025-26,\u00a0total,1,\n".encode(), True),
    ],
)
def test_the_fast_path_tells_whether_cells_need_trimming(
    path: Path, row: bytes, has_blanks: bool
) -> None:
    table = parsed(path, PLAIN + row)
    assert not table.numbered
    list(table.blocks)
    assert table.has_blanks() is has_blanks
