"""`utpadan accept` and `utpadan deliveries`: what is typed at 3 a.m., and what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import Command, command_of, emptied

from utpadan.cli import brakes as verbs
from utpadan.settings import Settings

GOOD = "year,value\n2023,1\n2024,2\n"
ALL_BAD = "year,value\nFY23,1\n2024,n/a\n"
WHY = "the portal was rebuilt, its notice says so"
OPEN = "marts/vendors/names_of_every_source_lead_to_a_vendor"


@pytest.fixture
def command(
    shared_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Command]:
    settings = emptied(shared_warehouse, tmp_path / "home")
    yield command_of(settings, monkeypatch, tmp_path)


@pytest.fixture
def refused(command: Command) -> Command:
    """A delivery whose rows are all rejected waits after a good one."""
    command.file.write_text(GOOD, encoding="utf-8")
    command.run("ingest")
    command.file.write_text(ALL_BAD, encoding="utf-8")
    command.run("ingest", code=1)
    return command


def newest_delivery(command: Command) -> int:
    with psycopg.connect(command.settings.loader_url) as conn:
        row = conn.execute("select max(delivery_id) from ops.delivery").fetchone()
    assert row is not None
    return int(row[0])


def squeezed(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_a_refusal_and_the_status_name_the_commands_that_look_at_it_and_accept_it(
    refused: Command,
) -> None:
    look = f"`utpadan deliveries figures {newest_delivery(refused)} > FILE` gives its bytes"
    for shown in (refused.run("ingest", code=1), refused.run("status", code=1)):
        assert "`utpadan rejected figures` shows them" in shown
        assert look in shown
        assert "if it is right: `utpadan accept figures --reason WHY`" in shown


def test_a_refused_delivery_is_accepted_and_the_next_ingest_is_green(refused: Command) -> None:
    accepted = refused.run("accept", "figures", "--reason", f"  {WHY}\n", "--by", "asha")
    assert squeezed(accepted) == "✓ figures 2 landed 0 admitted 2 rejected 0 new 0 changed 2 closed"
    assert "nothing new" in refused.run("ingest")
    status = refused.run("status", code=1)
    assert "figures: refused" not in status
    assert "figures was accepted 0 min ago by asha" in status
    assert status.count(f": {WHY}") == 1
    again = refused.run("accept", "figures", "--reason", WHY, code=1)
    assert "nothing to accept: its newest load was not refused" in again


def test_who_accepts_is_the_user_of_the_machine_unless_a_name_is_given(
    refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "night_shift")
    refused.run("accept", "figures", "--reason", WHY)
    assert "ago by night_shift" in refused.run("status", code=1)


def test_a_user_without_a_name_is_asked_for_one(
    refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr(verbs.getpass, "getuser", nameless)
    shown = squeezed(refused.run("accept", "figures", "--reason", WHY, code=2))
    assert "say who you are: --by NAME" in shown


@pytest.mark.parametrize("reason", ["", "  \n ", "ok", "!!!!!!!!!!!!", "1234567890123"])
def test_a_reason_that_says_nothing_is_a_wrong_call_and_nothing_is_accepted(
    refused: Command, reason: str
) -> None:
    shown = squeezed(refused.run("accept", "figures", "--reason", reason, code=2))
    assert "say why in words that somebody understands a year from now" in shown
    assert "refused" in refused.run("status", code=1)


def test_nothing_is_accepted_without_a_reason(refused: Command) -> None:
    assert "Missing option '--reason'" in refused.run("accept", "figures", code=2)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("fiqures", "'fiqures' is neither a source nor a rule; there is: figures"),
        (OPEN.replace("source", "sauce"), f"neither a source nor a rule; there is: {OPEN}"),
        ("nothing_is_from_the_future", "is more than one rule; there is: staging/engagement/"),
    ],
)
def test_what_is_not_there_is_a_wrong_call_and_near_names_are_shown(
    command: Command, what: str, said: str
) -> None:
    shown = squeezed(command.run("accept", what, "--reason", WHY, code=2))
    assert said.replace(" ", "") in shown.replace(" ", ""), "a long name may be broken in two"


def test_a_rule_is_known_by_the_end_of_its_name_too(command: Command) -> None:
    for what in (OPEN, OPEN.partition("/")[2], OPEN.rpartition("/")[2]):
        shown = command.run("accept", what, "--reason", WHY, code=1)
        assert "there is no whole marts_next: run `utpadan build`" in shown


def test_a_rule_that_is_no_brake_is_not_accepted(command: Command) -> None:
    shown = command.run("accept", "a_name_means_one_vendor", "--reason", WHY, code=1)
    assert "marts/vendors/a_name_means_one_vendor is no brake" in shown
    assert "mended, or the rule itself, in expectations/marts/vendors.yml" in shown


def test_deliveries_are_listed_with_what_became_of_them(refused: Command) -> None:
    header, first, second, why = refused.run("deliveries", "figures").splitlines()
    newest = newest_delivery(refused)
    assert header.split() == ["id", "fetched", "at", "(UTC)", "bytes", "state", "sha256"]
    for line, id_, text, state in (
        (first, newest - 1, GOOD, "loaded"),
        (second, newest, ALL_BAD, "refused"),
    ):
        sha256 = hashlib.sha256(text.encode()).hexdigest()[:12]
        words = line.split()
        assert (words[0], *words[3:]) == (str(id_), str(len(text)), state, sha256)
    assert "2 of 2 rows are rejected" in why


def test_the_bytes_of_a_delivery_are_given_as_they_came(command: Command) -> None:
    data = b"\xef\xbb\xbfyear,value\r\n2023,1\r\n2024,\x1b[2J\x00\r\n"
    command.file.write_bytes(data)
    command.run("ingest")
    newest = newest_delivery(command)
    assert command.result("deliveries", "figures", str(newest)).stdout_bytes == data


def test_a_delivery_of_another_source_is_a_wrong_call(refused: Command) -> None:
    newest = newest_delivery(refused)
    shown = squeezed(refused.run("deliveries", "figures", "999999", code=2))
    assert f"figures has no delivery 999999; its newest are: {newest - 1}, {newest}" in shown


def test_bytes_are_not_thrown_at_a_terminal(
    refused: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OnTerminal:
        def __getattr__(self, name: str) -> object:
            return (lambda: True) if name == "isatty" else getattr(verbs_stdout, name)

    verbs_stdout = verbs.sys.stdout
    monkeypatch.setattr(verbs, "sys", type("Sys", (), {"stdout": OnTerminal()}))
    newest = str(newest_delivery(refused))
    shown = refused.run("deliveries", "figures", newest, code=1)
    assert f"bytes go to a file or a pipe: utpadan deliveries figures {newest} > FILE" in shown


def test_lost_bytes_are_told_and_nothing_is_accepted(refused: Command) -> None:
    sha256 = hashlib.sha256(ALL_BAD.encode()).hexdigest()
    (refused.settings.home / "archive" / sha256[:2] / sha256).unlink()
    newest = str(newest_delivery(refused))
    for arguments in (("deliveries", "figures", newest), ("accept", "figures", "--reason", WHY)):
        assert "restore the archive from its backup" in refused.run(*arguments, code=1)
    assert "was accepted" not in refused.run("status", code=1)
