"""What holds for every format: zips within limits, a source's own parse.py, names in messages."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

import pytest
from reading import contract, lines

from utpadan.parse import ParseError, container, read

JSON = contract({"kind": "json", "records": ""}, {"name": {"required": True}})
CUSTOM = """
def parse(data):
    for line, text in enumerate(data.decode().splitlines(), start=1):
        if "=" not in text:
            raise ValueError(f"line {line} has no =")
        name, value = text.split("=")
        yield line, {"Year": name, "sector": value or None, f"seen {line}": "x"}
"""


def test_a_document_of_more_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "DOCUMENT_LIMIT", 20)
    path = tmp_path / "big.json"
    path.write_text('[{"name": "more than twenty"}]')
    with pytest.raises(ParseError, match=r"production/big\.json: the document has 30 bytes"):
        read(JSON, path)
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.json", '[{"name": "more than twenty"}]')
    with pytest.raises(ParseError, match=r"big\.json/0001\.json: the document has 30 bytes"):
        read(JSON, path)


def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pages.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.json", '[{"name": "Fuze"}]')
    path.write_bytes(path.read_bytes().replace(b"Fuze", b"Tuze"))
    with pytest.raises(ParseError, match="the zip is damaged or cut off: Bad CRC-32"):
        read(JSON, path)


def test_a_delivery_from_the_archive_is_named_by_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / hashlib.sha256(b"").hexdigest()
    path.write_bytes(b"")
    with pytest.raises(ParseError, match=r"^production\.csv \(e3b0c44298fc\): the file is empty"):
        read(contract({"kind": "csv"}), path)


def test_a_source_may_bring_its_own_parser(tmp_path: Path) -> None:
    (tmp_path / "parse.py").write_text(CUSTOM)
    source = contract({"kind": "csv"}, folder=tmp_path)
    path = tmp_path / "data.txt"
    path.write_text("2023-24=total\n2024-25=\n")
    table = read(source, path)
    assert table.headers == (
        "Fiscal Year",
        "sector",
        "Value (Rs crore)",
        "note",
        "seen 1",
        "seen 2",
    )
    assert [
        (line.line, line.cells["Fiscal Year"], line.cells["sector"]) for line in lines(table)
    ] == [
        (1, "2023-24", "total"),
        (2, "2024-25", None),
    ]


def test_what_the_own_parser_refuses_is_a_parse_error(tmp_path: Path) -> None:
    (tmp_path / "parse.py").write_text(CUSTOM)
    path = tmp_path / "data.txt"
    path.write_text("2023-24=total\nrubbish\n")
    with pytest.raises(ParseError, match=r"production/data\.txt: parse\.py: line 2 has no ="):
        read(contract({"kind": "csv"}, folder=tmp_path), path)
