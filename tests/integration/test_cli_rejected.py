"""`utpadan rejected`: rows as people see them, as programs take them, and back into staging."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import Command, command_of, emptied, plain

from utpadan.settings import Settings

GOOD = "year,value\n2023,1\n2024,2\n"
BAD_ROW = "year,value\n2023,1\n[/bold],n/a\n"
REASONS = [
    "year: '[/bold]' does not match ^[0-9]{4}[/a-z]*$",
    "value: 'n/a' is not a number",
]
TO_MEND = "year,value\n2022,1\n2023,2\n2024,nil\n2025,n/a\n"
PEOPLE = """
title: People
description: People made up for the tests of rejected rows.
publisher: {{name: Nobody, official: false}}
licence: {{name: None, note: Made for tests.}}
owner: test-desk
fetch: {{kind: file, path: '{file}'}}
format: {{kind: csv}}
delivery: increment
grain: one person
key: [person]
rows: {{min: 0, max: 100, max_change: 1}}
freshness_days: 400
max_bad_share: 0.9
columns:
  person: {{type: integer, required: true, unit: count, description: Number of the person}}
  email: {{type: text, personal: true, matches: '@', description: Address of the person}}
"""


@pytest.fixture
def command(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    settings = emptied(shared_warehouse, tmp_path / "home")
    yield command_of(settings, monkeypatch, tmp_path)


def ingested(command: Command, text: str) -> None:
    command.file.write_text(text, encoding="utf-8")
    command.run("ingest", "figures")


def contract(command: Command) -> Path:
    return command.file.parent / "sources/engagement/figures/source.yml"


def load_and_delivery(command: Command) -> tuple[int, int]:
    with psycopg.connect(command.settings.loader_url) as conn:
        row = conn.execute("select max(load_id), max(delivery_id) from ops.load").fetchone()
    assert row is not None
    return row


def test_rejected_rows_are_shown_to_people_with_every_reason(command: Command) -> None:
    ingested(command, BAD_ROW)
    load, delivery = load_and_delivery(command)
    assert command.run("rejected", "figures").splitlines() == [
        f"load {load}, delivery {delivery}",
        f"line 3: {'; '.join(REASONS)}",
        "  year=[/bold], value=n/a",
        "1 row of figures rejected; mend source.yml, then `utpadan rejected figures --readmit`",
    ]


def test_rejected_rows_are_given_to_scripts_as_json_and_csv(command: Command) -> None:
    ingested(command, BAD_ROW)
    load, delivery = load_and_delivery(command)
    assert json.loads(command.result("rejected", "figures", "--json").stdout) == [
        {
            "load_id": load,
            "delivery_id": delivery,
            "line": 3,
            "reasons": REASONS,
            "row": {"year": "[/bold]", "value": "n/a"},
        }
    ]
    text = command.result("rejected", "figures", "--csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == [
        {
            "_load_id": str(load),
            "_delivery_id": str(delivery),
            "_line": "3",
            "_reasons": "; ".join(REASONS),
            "year": "[/bold]",
            "value": "n/a",
        }
    ]


def test_without_rejected_rows_every_form_says_so(command: Command) -> None:
    ingested(command, GOOD)
    assert command.run("rejected", "figures") == "no row of figures is rejected\n"
    assert json.loads(command.result("rejected", "figures", "--json").stdout) == []
    header = "_load_id,_delivery_id,_line,_reasons\n"
    assert command.result("rejected", "figures", "--csv").stdout == header
    assert command.run("rejected") == "no row is rejected\n"


def test_a_load_of_before_can_be_looked_at_too(command: Command) -> None:
    ingested(command, BAD_ROW)
    load, _ = load_and_delivery(command)
    ingested(command, GOOD)
    assert command.run("rejected", "figures") == "no row of figures is rejected\n"
    assert "line 3: year: '[/bold]'" in command.run("rejected", "figures", "--load", str(load))


def test_what_a_cell_wants_of_the_terminal_is_shown_and_not_done(command: Command) -> None:
    evil = "\x1b[2J\x1b]0;title\x07 \u202e:smile: [red]\u009b"
    ingested(command, f'year,value\n2023,1\n"{evil}",2\n')
    raw = command.result("rejected", "figures").output
    shown = r"\x1b[2J\x1b]0;title\x07 \u202e:smile: [red]\x9b"
    assert f"year={shown}, value=2" in raw
    assert f"year: '{shown}' does not match" in raw
    assert {c for c in raw if not c.isprintable()} == {"\n"}
    ((row),) = json.loads(command.result("rejected", "figures", "--json").stdout)
    assert row["row"]["year"] == evil, "a program gets the cell as it was sent"


@pytest.mark.parametrize(
    ("cell", "exported"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1-2", "'+1-2"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-12.50", "-12.50"),
        ("+91", "+91"),
        ("a=b", "a=b"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_exported_as_text(
    command: Command, cell: str, exported: str
) -> None:
    ingested(command, f'year,value\n2023,1\n"{cell}",2\n')
    text = command.result("rejected", "figures", "--csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["year"] == exported
    (row,) = json.loads(command.result("rejected", "figures", "--json").stdout)
    assert row["row"]["year"] == cell


def deliver_people(command: Command, text: str) -> None:
    file = command.file.with_name("people.csv")
    folder = command.file.parent / "sources/engagement/people"
    folder.mkdir(exist_ok=True)
    (folder / "source.yml").write_text(PEOPLE.format(file=file), encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    command.run("ingest", "people")


@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)], ids=["shown", "csv", "json"])
def test_personal_cells_are_shown_to_who_asks_for_them_and_to_nobody_else(
    command: Command, form: tuple[str, ...]
) -> None:
    """In line 3 the address is wrong, in 4 the header is not known, in 5 a cell is too many."""
    deliver_people(
        command,
        "person,email,contact\n1,a@example.org,\n2,asha at example,\n"
        "x,b@example.org,c@example.org\n4,d@example.org,e@example.org,f@example.org\n",
    )
    secret = command.result("rejected", "people", *form, "--personal").stdout
    assert all(part in secret for part in ("asha at example", "c@example.org", "d@example.org"))
    hidden = command.result("rejected", "people", *form).stdout
    assert "example" not in hidden
    assert "•••" in hidden
    assert "x" in hidden, "what is not personal is shown"


def test_of_increments_the_rows_of_every_delivery_are_shown(command: Command) -> None:
    deliver_people(command, "person,email\n1,a@example.org\nx,b@example.org\n")
    deliver_people(command, "person,email\n2,c@example.org\ny,d@example.org\n")
    rows = json.loads(command.result("rejected", "people", "--json").stdout)
    assert [row["row"]["person"] for row in rows] == ["x", "y"]


def test_without_a_source_rows_are_counted_by_source_and_reason(command: Command) -> None:
    ingested(command, TO_MEND)
    load, delivery = load_and_delivery(command)
    deliver_people(command, "person,email\n1,a@example.org\nx,b@example.org\n")
    counted = [
        {
            "source": "figures",
            "load_id": load,
            "delivery_id": delivery,
            "reason": "value: … is not a number",
            "rows": 2,
        },
        {
            "source": "people",
            "load_id": load + 1,
            "delivery_id": delivery + 1,
            "reason": "person: … is not a whole number",
            "rows": 1,
        },
    ]
    assert json.loads(command.result("rejected", "--json").stdout) == counted
    text = command.result("rejected", "--csv").stdout
    assert list(csv.DictReader(io.StringIO(text))) == [
        {name: str(value) for name, value in row.items()} for row in counted
    ]
    lines = [" ".join(line.split()) for line in command.run("rejected").splitlines()]
    assert lines[0] == f"figures 2 value: … is not a number (load {load})"
    for option in (("--load", "1"), ("--personal",), ("--readmit",)):
        assert "go with a SOURCE" in command.run("rejected", *option, code=2)


def staged(command: Command) -> list[tuple[str, int | None]]:
    with psycopg.connect(command.settings.loader_url) as conn:
        return conn.execute(
            "select year, value::int from staging.figures where _known_to is null order by year"
        ).fetchall()


def test_rows_are_readmitted_by_a_lookup_and_it_is_told_which_and_how_many_are_left(
    command: Command,
) -> None:
    ingested(command, TO_MEND)
    _, delivery = load_and_delivery(command)
    refused = command.run("rejected", "figures", "--readmit", code=1)
    assert "figures: today's contract is the one that rejected them: mend source.yml" in refused
    text = contract(command).read_text(encoding="utf-8")
    contract(command).write_text(
        text.replace("unit: count", "unit: count, lookup: {nil: '0'}"), encoding="utf-8"
    )
    assert command.run("rejected", "figures", "--readmit").splitlines() == [
        f"delivery {delivery}: re-admitted lines 4",
        "figures: 1 rows re-admitted, 1 still rejected",
    ]
    assert staged(command) == [("2022", 1), ("2023", 2), ("2024", 0)]
    assert "line 5: value: 'n/a' is not a number" in command.run("rejected", "figures")
    again = command.run("rejected", "figures", "--readmit", code=1)
    assert "today's contract is the one that rejected them" in again


def test_rows_of_a_delivery_that_is_refused_all_the_same_count_as_still_rejected(
    command: Command,
) -> None:
    """Two of three rows are rejected, then one would be, but rows.min has become five."""
    ingested(command, GOOD)
    command.file.write_text("year,value\n2023,1\n2024,nil\n2025,n/a\n", encoding="utf-8")
    command.run("ingest", "figures", code=1)
    text = contract(command).read_text(encoding="utf-8")
    mended = text.replace("unit: count", "unit: count, lookup: {nil: '0'}")
    contract(command).write_text(mended.replace("max_bad_share: 0.5", "max_bad_share: 0.3"))
    done = command.run("rejected", "figures", "--readmit", code=1)
    assert "figures: 0 rows re-admitted, 2 still rejected" in done
    assert "1 of 3 rows are rejected (33.3%), more than max_bad_share 30.0%" in done
    assert staged(command) == [("2023", 1), ("2024", 2)]


def test_without_rejected_rows_there_is_nothing_to_readmit(command: Command) -> None:
    ingested(command, GOOD)
    assert "no row of figures is rejected" in command.run(
        "rejected", "figures", "--readmit", code=1
    )
    assert plain(command.result("rejected", "figures", "--load", "999999").stdout) == (
        "no row of figures is rejected\n"
    )
