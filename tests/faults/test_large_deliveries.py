"""Deliveries much larger than the memory that reading them may take.

Each is read in a process forked from this one, whose peak of memory is compared with that at its
start. `python -m benchmarks.large` does the same with 5 GB.
"""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loading import contract
from workbook_parts import Raw, row, written

from utpadan import nightly
from utpadan.parse import ParseError, read, read_difference, xlsx
from utpadan.settings import Settings
from utpadan.source import Source

MEGABYTE = 1024 * 1024
ROWS = 160_000
BOUND = 48
"""Megabytes by which a process may grow."""

COLUMNS = {
    "id": {"type": "integer", "required": True},
    "amount": {"type": "numeric"},
    "note": {"type": "text"},
}


def source_of(path: Path, **changes: Any) -> Source:
    rows = {"min": 1, "max": 10**9, "max_change": 1}
    return contract(COLUMNS, rows=rows, fetch={"kind": "file", "path": str(path)}, **changes)


def write(path: Path, rows: int = ROWS, middle: bytes = b"") -> Path:
    """A file of a kilobyte a row; `middle` stands after half of them."""
    with path.open("wb") as file:
        file.write(b"id,amount,note\n")
        for number in range(rows):
            file.write(b"%d,%d.50,%s\n" % (number, number, b"abcdefgh " * 110))
            if number == rows // 2:
                file.write(middle)
    return path


def apart(work: Callable[[], Any]) -> tuple[float, Any]:
    """What the work gives in a forked process, and by how many megabytes its peak grew."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found = work()
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(theirs, json.dumps([grown / 1024, found]).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    grown, found = json.loads(said)
    print(f"grown by {grown:.0f} MB")
    return grown, found


@pytest.mark.parametrize(
    ("rows", "middle", "reading"),
    [(ROWS, b"", "fast"), (ROWS // 2, b'900000,1,"two\nlines"\n', "careful")],
)
def test_a_file_of_many_megabytes_is_loaded_in_a_fraction_of_them(
    shared_warehouse: Settings, tmp_path: Path, rows: int, middle: bytes, reading: str
) -> None:
    path = write(tmp_path / "large.csv", rows, middle)
    source = source_of(path, name=f"large_{reading}")

    def work() -> Any:
        assert nightly.pull(shared_warehouse, [source]).to_load == [source.name]
        (outcome,) = nightly.load_source(shared_warehouse, source)
        return [outcome.rows.admitted, outcome.reading]

    grown, found = apart(work)
    assert path.stat().st_size > rows / 1100 * MEGABYTE
    assert found == [rows + middle.count(b'"') // 2, reading]
    assert grown < BOUND


def test_a_line_of_2_gigabytes_is_refused_with_its_number(tmp_path: Path) -> None:
    path = write(tmp_path / "line.csv", rows=40)
    os.truncate(path, path.stat().st_size + 2 * 1024 * MEGABYTE)

    def work() -> str:
        table = read(source_of(path), path)
        try:
            for _ in table.careful().blocks if table.careful else table.blocks:
                pass
        except ParseError as refused:
            return str(refused)
        return "it was read"

    grown, found = apart(work)
    assert ":42: a line of more than 16,777,216 characters; this is not a table" in found
    assert grown < 2 * BOUND


@pytest.mark.parametrize(("before", "after"), [(1, ROWS), (ROWS, 1)])
def test_a_file_that_grew_or_shrank_by_all_is_not_compared_line_by_line(
    tmp_path: Path, before: int, after: int
) -> None:
    old, new = write(tmp_path / "old.csv", before), write(tmp_path / "new.csv", after)
    grown, found = apart(lambda: read_difference(source_of(new), new, old) is None)
    assert found is True
    assert grown < 2 * BOUND


def test_a_sheet_of_more_cells_than_the_limit_is_refused_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "_MOST_CELLS", 50_000)
    far = Raw('<c r="{at}"><v>1</v></c><c r="XFD{row}"><v>1</v></c>')
    lines = (row(n, 1, Raw(far.xml.replace("{row}", str(n)))) for n in range(40, 60))
    path = tmp_path / "wide.xlsx"
    early = (row(n, "2024-25", "total", n) for n in range(2, 40))
    path.write_bytes(written(*early, *lines))
    columns = {"year": {"type": "text"}, "sector": {"type": "text"}}
    source = contract(columns, format={"kind": "xlsx", "sheet": "Production"})
    with pytest.raises(ParseError, match=r":43: the sheet has more than 50,000 cells; have the d"):
        list(read(source, path).blocks)
