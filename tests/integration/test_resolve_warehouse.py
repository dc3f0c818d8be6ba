"""Names resolved on real marts: the rules in Python and in SQL agree, and the verb answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from built_marts import rows
from command import Command
from hypothesis import given, settings
from hypothesis import strategies as st

from utpadan.resolve import names
from utpadan.resolve.warehouse import read_directory
from utpadan.settings import CHECKOUT, Settings

IN_SQL = """
select
    name,
    prep.normalised_company_name(name),
    prep.company_name_key(name),
    prep.company_keys_known(name, true),
    prep.company_keys_known(name, false),
    prep.company_keys_in_publication(name),
    prep.company_keys_asked(name)
from unnest(cast(%s as text[])) as name
"""
LETTERS = "ABabéк zwsqu()./&'\u2019–-MLK\t\n\u00a0012𝐀İ"  # noqa: RUF001 (look-alikes)
WORDS = ("India", "Pvt", " Ltd.", "M/s ", "and", "Systems", "(ABC)", "Co", "Defense", "qu", "ss")
MANGLED = st.lists(st.one_of(st.sampled_from(WORDS), st.text(LETTERS, max_size=5)), max_size=8)
ANY = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)


@pytest.fixture
def command(released: Settings, tmp_path: Path) -> Command:
    return Command(released, tmp_path / "unused")


def published_texts() -> list[str]:
    """Every text of the published files that could be a name."""
    texts = set()
    for path in CHECKOUT.glob("data/*/*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                texts |= {text for text in row.values() if text and len(text) < 120}
    return sorted(texts)


def in_python(name: str) -> tuple[Any, ...]:
    return (
        name,
        names.normalised(name),
        names.name_key(name),
        names.keys_known(name, is_canonical=True),
        names.keys_known(name, is_canonical=False),
        names.keys_in_publication(name),
        names.keys_asked(name),
    )


def test_python_and_sql_read_every_published_text_alike(released: Settings) -> None:
    texts = published_texts()
    with psycopg.connect(released.builder_url) as conn:
        found = conn.execute(IN_SQL, (texts,)).fetchall()
    assert [row for row in found if row != in_python(row[0])] == []
    assert len(found) > 5000


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(MANGLED.map("".join), ANY), min_size=20, max_size=20))
def test_python_and_sql_read_made_up_names_alike(released: Settings, made_up: list[str]) -> None:
    with psycopg.connect(released.builder_url) as conn:
        found = conn.execute(IN_SQL, (made_up,)).fetchall()
    assert found == [in_python(name) for name in made_up]


def test_python_links_every_name_as_the_marts_do(released: Settings) -> None:
    named = rows(
        released.analyst_url,
        "select vendor_name, source_document_id, vendor_id, link_method "
        "from marts.bridge_vendor_alias where link_method is distinct from 'registry_reading'",
    )
    with psycopg.connect(released.analyst_url) as conn:
        knowledge = read_directory(conn).knowledge
    for row in named:
        link = knowledge.link(row["vendor_name"], row["source_document_id"])
        found = (link.vendor_id, link.method) if link else (None, None)
        assert found == (row["vendor_id"], row["link_method"]), row["vendor_name"]
    assert len(named) > 80


def test_names_that_link_to_nothing_are_listed_for_review(released: Settings) -> None:
    listed = rows(
        released.analyst_url,
        "select vendor_name, named_in, candidate_1, score_1, candidate_3 "
        "from ops.vendor_name_review",
    )
    waiting = rows(
        released.analyst_url,
        "select distinct vendor_name from marts.bridge_vendor_alias "
        "where vendor_id is null and link_method is null",
    )
    assert {row["vendor_name"] for row in listed} == {row["vendor_name"] for row in waiting}
    # Lines of idex_winners.csv whose companies neither registry nor alias table has.
    by_name = {row["vendor_name"]: row for row in listed}
    assert {"HydroNet", "OceanComm", "Sea-Gal Technologies"} <= by_name.keys()
    assert by_name["HydroNet"]["named_in"] == "idex_winners (challenge_winner)"
    assert all(row["candidate_1"] and row["candidate_3"] for row in listed)


def test_the_verb_names_the_company_and_how_it_knows(command: Command) -> None:
    said = command.run("resolve", "M/s BHARAT ELECTRONICS LTD")
    assert said.startswith("M/s BHARAT ELECTRONICS LTD: Bharat Electronics Limited (normalised")
    assert "reviewed, and no single company" in command.run("resolve", "DRDO")


def test_the_verb_offers_candidates_when_nothing_is_certain(command: Command) -> None:
    said = command.run("resolve", "Bharat Electronix").splitlines()
    assert said[0] == "Bharat Electronix: not known for certain. It may be:"
    assert said[1].endswith("Bharat Electronics Limited")
    assert len(said) == 4


def test_a_file_of_names_becomes_csv_that_no_spreadsheet_runs(
    command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "names.txt"
    file.write_text('\ufeffHAL\n\n=HYPERLINK("http://x","y")\nNewSpace, Ltd\n', encoding="utf-8")
    table = list(csv.DictReader(io.StringIO(command.run("resolve", "--from", str(file), "--csv"))))
    assert [row["name"] for row in table] == [
        "HAL",
        '\'=HYPERLINK("http://x","y")',
        "NewSpace, Ltd",
    ]
    assert [row["canonical_name"] for row in table] == ["Hindustan Aeronautics Limited", "", ""]
    assert [row["score"] for row in table] == ["100.0", "", ""]
    assert len(table[0]["vendor_id"]) == 32
    assert "NewSpace India Limited" in {table[2][f"candidate_{place}"] for place in (1, 2, 3)}


def test_json_holds_one_answer_or_a_list_of_them(command: Command, tmp_path: Path) -> None:
    answer = json.loads(command.run("resolve", "AVNL", "--json"))
    assert (answer["canonical_name"], answer["method"]) == (
        "Armoured Vehicles Nigam Limited",
        "reviewed_decision",
    )
    by_id = json.loads(command.run("resolve", answer["vendor_id"], "--json"))
    assert (by_id["vendor_id"], by_id["method"]) == (answer["vendor_id"], "identifier")
    file = tmp_path / "names.txt"
    file.write_text("AVNL\n", encoding="utf-8")
    assert json.loads(command.run("resolve", "--from", str(file), "--json")) == [answer]


def test_a_wrong_call_and_an_unreadable_file_say_what_to_do(
    command: Command, tmp_path: Path
) -> None:
    assert "give one NAME, or --from FILE" in command.run("resolve", code=2)
    missing = tmp_path / "nowhere.txt"
    assert f"{missing}: No such file" in command.run("resolve", "--from", str(missing), code=1)
    cp1252 = tmp_path / "cp1252.txt"
    cp1252.write_bytes("HAL\nSociété\n".encode("cp1252"))
    said = command.run("resolve", "--from", str(cp1252), code=1)
    assert f"{cp1252}, line 2: is not UTF-8" in said
    assert "save the file as UTF-8" in said


def test_without_a_release_the_verb_says_how_to_make_one(
    warehouse: Settings, tmp_path: Path
) -> None:
    said = Command(warehouse, tmp_path / "unused").run("resolve", "HAL", code=1)
    assert "there is no release with vendors yet: `make run` makes one" in said
