"""The verbs on a real warehouse: what they print, and how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Command, command_of, emptied, environment
from publishing import audit_marts, build_marts, release

from utpadan.settings import Settings

GOOD = "year,value\n2023,1\n2024,2\n"
BAD_ROW = "year,value\n2023,1\nFY23,n/a\n"
ALL_BAD = "year,value\nFY23,1\n2024,n/a\n"


@pytest.fixture
def command(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    settings = emptied(shared_warehouse, tmp_path / "home")
    yield command_of(settings, monkeypatch, tmp_path)


def ingested(command: Command, text: str, code: int = 0) -> str:
    command.file.write_text(text, encoding="utf-8")
    return command.run("ingest", code=code)


def test_ingest_says_a_line_for_each_source_and_finds_nothing_new_the_second_time(
    command: Command,
) -> None:
    first = ingested(command, GOOD)
    assert [" ".join(line.split()) for line in first.splitlines()] == [
        "engagement",
        "✓ figures 2 landed 2 admitted 0 rejected 2 new 0 changed 0 closed",
        "staging/engagement: nothing new to judge",
    ]
    second = command.run("ingest", "figures")
    assert "figures                          nothing new" in second
    third = ingested(command, "year,value\n2023,1\n2024,3\n")
    assert "0 new     1 changed     0 closed" in third


def test_ingest_of_a_refused_delivery_says_why_and_ends_with_1(command: Command) -> None:
    ingested(command, GOOD)
    refused = ingested(command, ALL_BAD, code=1)
    assert "figures: 2 of 2 rows are rejected (100.0%), more than max_bad_share 50.0%" in refused
    assert "`utpadan rejected figures` shows them" in refused


def test_ingest_of_a_source_that_cannot_be_fetched_says_why_and_ends_with_1(
    command: Command,
) -> None:
    assert "there is no such file" in command.run("ingest", code=1)


def test_ingest_reads_all_anew_after_the_contract_changed_and_refuses_one_that_loses_rows(
    command: Command,
) -> None:
    ingested(command, GOOD)
    contract = command.file.parent / "sources/engagement/figures/source.yml"
    good = contract.read_text(encoding="utf-8")
    contract.write_text(good.replace("numeric", "integer"), encoding="utf-8")
    assert "2 new" in command.run("ingest")
    contract.write_text(good.replace("[0-9]{4}", "FY[0-9]{2}"), encoding="utf-8")
    for verb in ("ingest", "replay"):
        assert "which staging holds; staging stays as it was until source.yml is mended" in (
            command.run(verb, "figures", code=1)
        )


def test_status_shows_sources_and_what_became_of_them(command: Command) -> None:
    assert "✗ figures: never asked: it has no delivery: `utpadan ingest figures` asks it" in (
        command.run("status", code=1)
    )
    ingested(command, BAD_ROW)
    shown = command.run("status", code=1)
    assert shown.splitlines()[1].split() == ["✓", "figures", *["0", "min", "0", "min", "1", "1"]]
    assert shown.splitlines()[-2:] == [
        "✗ no release yet: `make run` makes one (warehouse-desk)",
        "1 thing needs a person",
    ]
    published = release(command.settings, 1)
    shown = command.run("status")
    assert f"✓ release {published.release_id} of 2" in shown
    assert shown.splitlines()[-1] == "✓ all is well"
    ingested(command, ALL_BAD, code=1)
    shown = command.run("status", code=1)
    assert shown.splitlines()[1].split()[-1] == "refused"
    assert "✗ figures: refused, 0 min: 2 of 2 rows are rejected (100.0%)" in shown


def test_status_as_json_holds_the_same(command: Command) -> None:
    ingested(command, BAD_ROW)
    published = release(command.settings, 1)
    state = json.loads(command.result("status", "--json").stdout)
    (source,) = state["sources"]
    assert (source["source"], source["status"]) == ("figures", "loaded")
    assert (source["rows_admitted"], source["rows_rejected"]) == (1, 1)
    assert state["gates"] == []
    assert state["release"]["release_id"] == published.release_id
    assert (state["is_well"], state["problems"]) == (True, [])


def test_revert_takes_the_newest_load_back_and_says_when_there_is_none(command: Command) -> None:
    ingested(command, GOOD)
    assert "is reverted" in command.run("revert", "figures")
    assert "figures: no load to revert" in command.run("revert", "figures", code=1)
    assert "nothing new" in command.run("ingest")


def test_replay_prints_a_line_for_every_delivery(command: Command) -> None:
    for text in (GOOD, BAD_ROW):
        ingested(command, text)
    lines = command.run("replay", "figures").splitlines()
    assert [line.split()[1] for line in lines] == ["figures", "figures"]
    assert "2 new" in lines[0] and "1 closed" in lines[1]


def test_publish_and_undo_say_what_readers_see(command: Command) -> None:
    assert "there is no whole marts_next: run `utpadan build`" in command.run("publish", code=1)
    audit_marts(command.settings, build_marts(command.settings, 1))
    published = command.run("publish")
    assert published.startswith("release ") and published.endswith(": 2 tables\n")
    assert command.run("undo").endswith(" is undone; readers see no release\n")
    assert "no release to go back to" in command.run("undo", code=1)


def test_migrate_can_be_run_again(command: Command) -> None:
    assert command.run("migrate") == "the warehouse is up to date\n"


@pytest.mark.parametrize("verb", ["rejected", "replay", "revert", "ingest"])
def test_an_unknown_source_is_a_wrong_call_and_near_names_are_shown(
    command: Command, verb: str
) -> None:
    shown = " ".join(command.run(verb, "fiqures", code=2).replace("│", " ").split())
    assert "there is no source 'fiqures'; there is: figures" in shown


def test_an_unknown_domain_is_a_wrong_call(command: Command) -> None:
    assert "the domains are engagement" in command.run("gate", "engagemant", code=2)


def test_check_names_what_a_source_lacks(command: Command) -> None:
    assert command.run("check") == "every source is whole\n"


def utpadan(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verb as a program of its own."""
    program = [sys.executable, "-c", "from utpadan.cli import app; app()", *arguments]
    others = {name: value for name, value in os.environ.items() if not name.startswith("UTPADAN_")}
    return subprocess.run(
        program, env=others | environment(settings), capture_output=True, text=True, timeout=60
    )


def test_sql_prints_the_result_of_a_query(shared_warehouse: Settings) -> None:
    done = utpadan(shared_warehouse, "sql", "-c", "select 1 as one", "--csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "one\n1\n", "")
    done = utpadan(shared_warehouse, "sql", "-c", "select current_user as who", "--csv", "--bi")
    assert done.stdout == "who\nutpadan_bi\n"


def test_sql_with_a_wrong_query_ends_with_1_and_the_words_of_the_server(
    shared_warehouse: Settings,
) -> None:
    done = utpadan(shared_warehouse, "sql", "-c", "select from staging.figures")
    assert done.returncode == 1
    assert "permission denied for schema staging" in done.stderr


def test_sql_reads_queries_from_a_pipe_and_stops_at_the_first_error(
    shared_warehouse: Settings,
) -> None:
    program = [sys.executable, "-c", "from utpadan.cli import app; app()", "sql", "--csv"]
    done = subprocess.run(
        program,
        input="select 1 as one;\nselect nonsense;\nselect 2;\n",
        env=dict(os.environ) | environment(shared_warehouse),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode not in (0, 2)
    assert done.stdout == "one\n1\n"
