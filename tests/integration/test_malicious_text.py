"""Headers, cells and free text of contracts that try to be more than text: they stay text."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from evil import EVIL
from loading import Desk, contract, day, open_desk
from psycopg.types.json import Jsonb
from publishing import audit_marts, build_marts

from utpadan import publish
from utpadan.export import export
from utpadan.settings import Settings
from utpadan.source import Source

ROW = [f"cell {evil}" for evil in EVIL]


def evil_contract(kind: dict[str, Any], **changes: Any) -> Source:
    """A contract that is evil wherever a contract is free text."""
    columns: dict[str, dict[str, Any]] = {"number": {"type": "integer", "required": True}}
    for place, evil in enumerate(EVIL):
        columns[f"known_{place}"] = {
            "type": "text",
            "header": (f"known {evil}",),
            "description": evil + " in a description",
            "lookup": {evil: f"mended {evil}"},
            "matches": None if place else "^[^%s{}]+['\"; -]*",
            "allowed": None if place != 1 else tuple(ROW),
        }
    return contract(columns, title=EVIL[1], grain=EVIL[1], format=kind, **changes)


@pytest.fixture
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as opened:
        yield opened


HEADERS = ["number", *(f"known {evil}" for evil in EVIL), *EVIL]


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADERS, *rows])
    return text.getvalue().encode()


def as_json(rows: list[list[str]]) -> bytes:
    return json.dumps([dict(zip(HEADERS, row, strict=True)) for row in rows]).encode()


def as_workbook(rows: list[list[str]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = "x'; drop table --"
    for line in [HEADERS, *rows]:
        book.active.append(line)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "written_as"),
    [
        ({"kind": "csv"}, as_csv),
        ({"kind": "json", "records": ""}, as_json),
        ({"kind": "xlsx", "sheet": "x'; drop table --"}, as_workbook),
    ],
    ids=["csv", "json", "xlsx"],
)
def test_malicious_headers_and_cells_are_kept_to_the_letter(
    desk: Desk, kind: dict[str, Any], written_as: Any
) -> None:
    source = evil_contract(kind)
    rows = [["1", *ROW, *ROW], ["2", *EVIL, *ROW], ["no number", *ROW, *ROW]]
    outcome = desk.load(source, written_as(rows), day(1))
    assert (outcome.rows.admitted, outcome.rows.rejected) == (1, 2)
    known = ", ".join(f"known_{place}" for place in range(len(EVIL)))
    staged = desk.conn.execute(f"select _extra, {known} from staging.figures".encode()).fetchone()
    assert staged is not None
    assert list(staged[1:]) == ROW
    assert staged[0] == dict(zip(EVIL, ROW, strict=True))
    rejected = desk.rejected(outcome.load_id)
    assert len(rejected) == 2
    for _, _, row in rejected:
        assert {name: row[name] for name in EVIL} == dict(zip(EVIL, ROW, strict=True))
    assert "number: 'no number' is not a whole number" in rejected[1][1]
    assert not Path("touched").exists()
    assert desk.conn.execute("select count(*) from ops.load").fetchone() == (1,)


def test_a_spelling_that_is_evil_is_mended_like_another(desk: Desk) -> None:
    source = evil_contract({"kind": "csv"})
    columns = {**source.columns}
    for name in ("known_0", "known_1"):
        columns[name] = columns[name].model_copy(update={"matches": None, "allowed": None})
    source = source.model_copy(update={"columns": columns})
    desk.load(source, as_csv([["2", *EVIL, *ROW]]), day(1))
    known = ", ".join(f"known_{place}" for place in range(len(EVIL)))
    staged = desk.conn.execute(f"select {known} from staging.figures".encode()).fetchone()
    assert staged == tuple(f"mended {evil}" for evil in EVIL)


def test_an_export_is_faithful_to_cells_that_a_spreadsheet_would_run(
    shared_warehouse: Settings, tmp_path: Path
) -> None:
    """It is a package for programs: what is published is exported, to the letter."""
    build_id = build_marts(shared_warehouse, 1)
    with psycopg.connect(shared_warehouse.builder_url, autocommit=True) as conn:
        conn.execute(
            "create table marts_next.dim_evil as select %s::jsonb as cells", (Jsonb(EVIL),)
        )
        conn.execute(
            "create table marts_next.dim_text as "
            "select jsonb_array_elements_text(cells) as cell from marts_next.dim_evil"
        )
        conn.execute("drop table marts_next.dim_evil")
    audit_marts(shared_warehouse, build_id)
    publish.publish(shared_warehouse.builder_url)
    written_to = export(shared_warehouse.builder_url, tmp_path.as_uri())
    path = tmp_path / f"release_{written_to.release_id}" / "dim_text.csv.gz"
    rows = list(csv.reader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))
    assert rows == [["cell"], *([evil] for evil in EVIL)]
