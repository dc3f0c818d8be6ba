"""Events as lines: whole, parseable, quiet unless asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import UUID

import pytest

from utpadan import events

BUILD = UUID("00000000-0000-4000-8000-000000000007")


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    yield
    events.configure({})


def said(capsys: pytest.CaptureFixture[str], form: str) -> list[str]:
    """What two events print in that form: one with ids, one with a message of foreign text."""
    events.configure({"UTPADAN_LOG": form} if form else {})
    events.emit("publish", release_id=3, build_id=BUILD, is_first=True, git_sha=None)
    events.emit(
        "fetch", source="mous", message='a "b"\nload source=x \x1b[31m', since=perf_counter()
    )
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


def test_nothing_is_said_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "") == []


def test_json_is_one_object_a_line_with_ids_and_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, said(capsys, "json"))
    at = datetime.fromisoformat(first.pop("at"))
    assert datetime.now(UTC) - at < timedelta(minutes=5)
    build_id = "00000000-0000-4000-8000-000000000007"
    assert first == {"event": "publish", "release_id": 3, "build_id": build_id, "is_first": True}
    assert second["message"] == 'a "b"\nload source=x \x1b[31m'
    assert 0 <= second["seconds"] < 60


def test_logfmt_quotes_what_could_pass_for_another_fact_or_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = said(capsys, "logfmt")
    assert first.startswith("at=20")
    assert first.partition(" ")[2] == f"publish release_id=3 build_id={BUILD} is_first=true"
    assert r'fetch source=mous message="a \"b\"\nload source=x \u001b[31m" seconds=' in second


def test_a_form_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(events.UnknownForm, match="UTPADAN_LOG is 'xml'; it may be logfmt or json"):
        events.configure({"UTPADAN_LOG": "xml"})
