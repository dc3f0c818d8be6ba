"""What a newcomer meets first: help that can be understood, and errors that say what to run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command import environment, plain
from psycopg.sql import SQL, Identifier
from test_cli import utpadan
from typer.main import get_command
from typer.testing import CliRunner, Result

from utpadan.cli import app
from utpadan.settings import Settings

VERBS = {
    "contracts",
    *("run", "up", "down", "migrate", "processes"),
    *(
        "ingest",
        "gate",
        "build",
        "audit",
        "publish",
        "export",
        "undo",
        "replay",
        "revert",
        "backfill",
    ),
    *(
        "accept",
        "deliveries",
        "rejected",
        "check",
        "status",
        "digest",
        "sql",
        "mf",
        "freshness",
        "docs",
    ),
    *("resolve", "estimate", "claims"),
    *("backup", "restore", "rebuild"),
}
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **variables})


def test_help_lists_every_verb_with_what_it_does() -> None:
    assert set(COMMANDS) == VERBS
    shown = plain(run("--help").output)
    for name, command in COMMANDS.items():
        assert f"│ {name} " in shown
        assert str(command.help).splitlines()[0] in shown


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_help_of_a_verb_explains_it_and_everything_it_takes(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert len(str(COMMANDS[verb].help).split()) >= 4
    assert str(COMMANDS[verb].help).endswith(".")
    for parameter in COMMANDS[verb].params:
        words = getattr(parameter, "help", None)
        assert words and words in " ".join(plain(result.output).replace("│", " ").split())


@pytest.mark.parametrize("arguments", [("no-such-verb",), ("status", "--no-such-option")])
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


LOOKING = [
    *(("status",), ("rejected", "budget"), ("sql", "-c", "select 1"), ("undo",), ("publish",)),
    *(("revert", "budget"), ("replay", "budget"), ("migrate",), ("build",), ("audit",)),
]


@pytest.mark.parametrize("arguments", LOOKING, ids=lambda words: str(words[0]))
def test_before_anything_was_started_a_verb_says_what_to_run(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    result = run(*arguments, UTPADAN_HOME=str(tmp_path))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    shown = plain(result.output)
    assert "_URL is not set" in shown
    assert "`make run` (or `utpadan up`) starts everything on this machine" in shown


@pytest.mark.parametrize(
    "arguments", [("status",), ("rejected", "budget"), ("undo",), ("migrate",), ("audit",)]
)
def test_while_the_server_is_down_a_verb_says_what_to_run(
    arguments: tuple[str, ...], server: Settings
) -> None:
    result = run(*arguments, **_nowhere(server))
    assert result.exit_code == 1
    shown = plain(result.output)
    assert "error: the warehouse does not answer:" in shown
    assert "`utpadan up` starts everything on this machine" in shown


def test_while_the_server_is_down_sql_says_what_to_run(server: Settings) -> None:
    nowhere = Settings.load(_nowhere(server))
    done = utpadan(nowhere, "sql", "-c", "select 1")
    assert done.returncode == 1
    assert "the warehouse does not answer; `utpadan up` starts everything" in done.stderr


def _nowhere(server: Settings) -> dict[str, str]:
    """The settings of a server behind a port on which nobody listens."""
    variables = environment(server)
    port = server.admin_url.rpartition(":")[2].partition("/")[0]
    return {name: value.replace(f":{port}/", ":1/") for name, value in variables.items()}


@pytest.fixture
def not_migrated(server: Settings, warehouse: Settings) -> Iterator[Settings]:
    """A database without the warehouse, beside one with it: the roles are the server's."""
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        name = Identifier("not_migrated")
        conn.execute(SQL("create database {}").format(name))
        variables = environment(server)
        old = server.admin_url.rpartition("/")[2]
        yield Settings.load(
            {
                n: v.removesuffix(f"/{old}") + "/not_migrated" if "_URL" in n else v
                for n, v in variables.items()
            }
        )
        conn.execute(SQL("drop database {} with (force)").format(name))


@pytest.mark.parametrize("arguments", [("status",), ("rejected", "budget"), ("undo",)])
def test_on_a_database_without_the_warehouse_a_verb_says_what_to_run(
    arguments: tuple[str, ...], not_migrated: Settings
) -> None:
    result = run(*arguments, **environment(not_migrated))
    assert result.exit_code == 1
    assert "`utpadan migrate` brings the warehouse up to date" in plain(result.output)


def test_a_broken_env_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("UTPADAN_ADMIN_URL=a\nthis is no setting\n", encoding="utf-8")
    result = run("status", UTPADAN_HOME=str(tmp_path))
    assert result.exit_code == 1
    assert f"{tmp_path / 'env'}, line 2: expected KEY=VALUE" in plain(result.output)
