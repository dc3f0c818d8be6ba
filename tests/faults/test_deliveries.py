"""The corpus of ugly deliveries: each through the real fetch, archive, COPY, admission and ledger.

`deliveries/` has an index for each format: the contract, and for each file what must become of it.
Expectations are written from the bytes. A file is below `deliveries/files`, or is made by
`ugly_files.py` where it would be large or unreadable.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import yaml
from loading import Desk, contract, open_desk
from ugly_files import MADE

from utpadan import nightly
from utpadan.ledger import Outcome
from utpadan.load import LoadRefused
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, Source

HERE = Path(__file__).parent / "deliveries"
FILES = HERE / "files"
ABSENT = "the delivery has no column "


class Case(NamedTuple):
    """One file, the contract it is read by, and what is expected."""

    file: str
    number: int
    contract: dict[str, Any]
    expected: dict[str, Any]


def cases() -> list[Case]:
    found: list[Case] = []
    for index in sorted(HERE.glob("*.yml")):
        page = yaml.load(index.read_text("utf-8"), yaml.BaseLoader)
        for file, expected in page["files"].items():
            wanted = {**page["contract"], **expected.get("contract", {})}
            found.append(Case(file, len(found), wanted, expected))
    return found


CASES = cases()


@pytest.fixture(scope="module")
def desk(shared_warehouse: Settings) -> Iterator[Desk]:
    with open_desk(shared_warehouse) as desk:
        yield desk


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_an_ugly_delivery_becomes_what_its_bytes_say(
    desk: Desk, case: Case, tmp_path: Path
) -> None:
    path = FILES / case.file
    if case.file in MADE:
        path = tmp_path / case.file
        path.write_bytes(MADE[case.file]())
    place = str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)
    source = contract(
        **case.contract,
        name=f"case_{case.number}",
        fetch={"kind": "file", "path": place},
        rows={"min": 1, "max": 1000, "max_change": 1},
        max_bad_share=0.9,
    )
    pulled = nightly.pull(desk.settings, [source])
    assert pulled.to_load == [source.name]
    said = f"{place} ({hashlib.sha256(path.read_bytes()).hexdigest()[:12]})"
    if "refused" in case.expected:
        wanted = case.expected["refused"].replace("{file}", said).replace("{source}", source.name)
        assert fullmatch(wanted, refusal(desk, source))
    else:
        (outcome,) = nightly.load_source(desk.settings, source)
        assert found(desk, source, outcome) == stated(case.expected)
        assert outcome.reading == case.expected.get("reading", outcome.reading)


def fullmatch(wanted: str, message: str) -> bool:
    """Whether the message is the one wanted; … stands for what a library or its version says."""
    return re.fullmatch(".+".join(map(re.escape, wanted.split("…"))), message) is not None


def refusal(desk: Desk, source: Source) -> str:
    """Why a delivery is refused, without how to look at it and accept it, which every refusal says.

    Staging must not have come to be, and the bytes are kept.
    """
    with pytest.raises(LoadRefused) as refused:
        nightly.load_source(desk.settings, source)
    load = desk.newest_load(source)
    assert str(refused.value) == f"{source.name}: {load['message']}"
    assert load["status"] == "refused"
    assert str(load["message"]).isprintable()
    assert desk.conn.execute("select to_regclass(%s)", (f"staging.{source.name}",)).fetchone() == (
        None,
    )
    assert desk.landing_tables() == []
    look = f"; `utpadan deliveries {source.name} {load['delivery_id']} > FILE` gives its bytes"
    why, found, _ = str(load["message"]).partition(look)
    assert found
    return why


def found(desk: Desk, source: Source, outcome: Outcome) -> dict[str, Any]:
    """What became of a delivery, in the words of the index."""
    rows = outcome.rows
    assert rows.landed == rows.admitted + rows.rejected + rows.repeated
    query = psycopg.sql.SQL("select _line, _extra from {} order by _line").format(
        psycopg.sql.Identifier("staging", source.name)
    )
    kept = desk.conn.execute(query).fetchall()
    current = [
        [str(line), *without_end(cells)]
        for (line, _), cells in zip(kept, desk.current(source), strict=True)
    ]
    return {
        "rows": current,
        "extra": {str(line): extra for line, extra in kept if extra},
        "rejected": [
            {"line": str(line), "reasons": reasons, "row": row}
            for line, reasons, row in desk.rejected(outcome.load_id)
        ],
        "repeated": str(rows.repeated),
        "warnings": [words for words in outcome.warnings if not words.startswith(ABSENT)],
    }


def stated(expected: dict[str, Any]) -> dict[str, Any]:
    """The expectation of the index, with what it leaves unsaid."""
    return {
        "rows": expected.get("rows", []),
        "extra": expected.get("extra", {}),
        "rejected": expected.get("rejected", []),
        "repeated": expected.get("repeated", "0"),
        "warnings": expected.get("warnings", []),
    }


def without_end(cells: tuple[str | None, ...]) -> list[str]:
    """Cells as the index lists them: empty ones are '', those at the end are left out."""
    texts = [cell or "" for cell in cells]
    texts = [f"{t[:10]}… {len(t)} characters" if len(t) > 500 else t for t in texts]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def test_the_corpus_is_large_and_no_file_lies_there_unread() -> None:
    assert len(CASES) >= 120
    read = [case.file for case in CASES]
    assert sorted(read) == sorted({path.name for path in FILES.iterdir()} | set(MADE))
