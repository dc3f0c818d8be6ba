"""`utpadan claims`: which files it reads, what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from utpadan.cli import app
from utpadan.source import contract, load_sources

SENTENCE = "Defence exports were ₹21,083 crore in 2023-24, nearly 32.5 per cent more."


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["claims", *arguments], env={"COLUMNS": "200"})


def written(tmp_path: Path, name: str, data: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def test_it_prints_each_claim_below_its_sentence(tmp_path: Path) -> None:
    result = run(written(tmp_path, "release.txt", SENTENCE.encode()))
    assert result.exit_code == 0
    # Half a crore is 5,000,000; nearly: an approximate figure.
    assert result.stdout.splitlines() == [
        SENTENCE,
        "  exports · total · value · 2023-24 · ₹21,083 crore = 210,830,000,000 INR ± 5,000,000",
        "  exports · total · growth · 2023-24 · 32.5 per cent = 32.5 percent ± 0.05 · nearly",
        "2 claims",
    ]


def test_it_prints_json(tmp_path: Path) -> None:
    result = run(written(tmp_path, "release.txt", SENTENCE.encode()), "--json")
    first, second = json.loads(result.stdout)
    assert (first["metric"], first["value"], first["period"]) == (
        "exports",
        "210830000000",
        "2023-24",
    )
    assert (second["bound"], second["bound_words"]) == ("approximate", "nearly")


def test_last_fiscal_counts_from_the_day_given(tmp_path: Path) -> None:
    file = written(tmp_path, "release.txt", b"Exports of last fiscal were Rs 100 crore.")
    assert "no period" in run(file).stdout
    assert "· 2024-25 ·" in run(file, "--published-on", "2025-04-01").stdout


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    assert "₹21,083 crore" in run(written(tmp_path, "a.txt", SENTENCE.encode(encoding))).stdout


def test_a_page_is_read_without_what_stands_beside_its_article(tmp_path: Path) -> None:
    page = (
        '<!DOCTYPE html><html><head><meta charset="windows-1252"><title>t</title></head><body>'
        "<nav><p>Exports of Rs 1 crore in 2019-20.</p></nav>"
        "<h1>Exports touch Rs 21,083 crore</h1>"
        "<p>In 2023-24 exports were Rs\xa021,083 crore.</p></body></html>"
    )
    result = run(written(tmp_path, "page.html", page.encode("cp1252")), "--json")
    claims = json.loads(result.stdout)
    assert [(c["sentence"], c["period"]) for c in claims] == [
        ("Exports touch Rs 21,083 crore", "2023-24"),
        ("In 2023-24 exports were Rs 21,083 crore.", "2023-24"),
    ]


def test_a_text_without_claims_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, "a.txt", b"The missile flew 300 km.")
    result = run(file)
    assert result.exit_code == 0
    assert result.stdout.strip() == f"{file} claims nothing that we know"


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    file = written(tmp_path, "release.bin", data)
    result = run(file)
    assert result.exit_code == 1
    assert f"{file}: this is no text; save the document as text or HTML" in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.txt"))
    assert result.exit_code == 1
    assert f"{tmp_path / 'none.txt'}: No such file or directory" in result.stderr


def test_a_change_of_the_rules_is_a_change_of_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the archived releases are read anew."""
    library = Path(contract.__file__).parents[1]
    rules = tmp_path / "claims"
    rules.mkdir()
    for path in (library / "claims").glob("*.py"):
        (rules / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(contract, "_LIBRARY", tmp_path)
    before = load_sources()["press_claims"].contract_sha256
    assert load_sources()["press_claims"].contract_sha256 == before
    (rules / "words.py").write_text("# another rule\n", encoding="utf-8")
    assert load_sources()["press_claims"].contract_sha256 != before
