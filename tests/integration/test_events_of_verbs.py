"""What verbs say on standard error when they are asked to: ids of the ledger, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command import Command, command_of, environment
from publishing import audit_marts, build_marts, withdraw_all

from utpadan import events
from utpadan.settings import Settings

SECRET = "sesame-3141"  # pragma: allowlist secret: made up


@pytest.fixture
def command(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    withdraw_all(shared_warehouse)
    settings = Settings.load({**environment(shared_warehouse), "UTPADAN_HOME": str(tmp_path)})
    monkeypatch.setenv("UTPADAN_LOG", "json")
    yield command_of(settings, monkeypatch, tmp_path)
    events.configure({})


def told(command: Command, *arguments: str) -> list[dict[str, Any]]:
    """The events of a verb: the lines of standard error that are JSON."""
    lines = command.result(*arguments).stderr.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_each_step_says_its_ids_and_how_long_it_took(command: Command) -> None:
    command.file.write_text(f"year,value\n2023,1\n2024,{SECRET}\n", encoding="utf-8")
    fetched, loaded = told(command, "ingest")
    assert (fetched["event"], fetched["source"], fetched["status"]) == (
        *("fetch", "figures", "delivered"),
    )
    assert (loaded["event"], loaded["status"], loaded["rows_rejected"]) == ("load", "loaded", 1)
    with psycopg.connect(command.settings.loader_url) as conn:
        ids = conn.execute("select load_id, delivery_id from ops.load").fetchone()
    assert (loaded["load_id"], loaded["delivery_id"]) == ids
    assert fetched["delivery_id"] == loaded["delivery_id"]
    assert loaded["seconds"] >= 0 and fetched["seconds"] >= 0
    assert SECRET not in json.dumps([fetched, loaded])
    (asked,) = told(command, "ingest")
    assert (asked["event"], asked["status"]) == ("fetch", "nothing_new")
    (replayed,) = told(command, "replay", "figures")
    assert (replayed["event"], replayed["load_id"]) == ("replay", loaded["load_id"] + 1)
    (reverted,) = told(command, "revert", "figures")
    assert (reverted["event"], reverted["load_id"]) == ("revert", replayed["load_id"])


def test_what_fails_says_so_too(command: Command) -> None:
    (failed,) = told(command, "ingest")
    assert (failed["event"], failed["status"]) == ("fetch", "failed")
    assert "there is no such file" in failed["message"]
    command.file.write_text("year,value\nFY23,1\n", encoding="utf-8")
    _, refused = told(command, "ingest")
    assert (refused["event"], refused["status"]) == ("load", "refused")


def test_publish_and_undo_say_release_and_build(command: Command) -> None:
    build_id = build_marts(command.settings, 1)
    audit_marts(command.settings, build_id)
    (published,) = told(command, "publish")
    (undone,) = told(command, "undo")
    assert (published["event"], undone["event"]) == ("publish", "undo")
    assert published["build_id"] == undone["build_id"] == str(build_id)
    assert published["release_id"] == undone["release_id"]
    assert (published["tables"], published["rows"]) == (2, 2)  # two tables of one number each


def test_a_form_that_there_is_not_ends_the_verb(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UTPADAN_LOG", "xml")
    assert "UTPADAN_LOG is 'xml'; it may be logfmt or json" in command.run("status", code=1)
