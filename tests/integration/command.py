"""The command line in this process, on a warehouse and sources of a test's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from publishing import withdraw_all
from typer.testing import CliRunner, Result

from utpadan import cli, ledger, nightly
from utpadan.settings import Settings
from utpadan.source import load_sources

CONTRACT = """
title: Figures
description: Figures made up for the tests of the command line.
publisher: {{name: Nobody, official: false}}
licence: {{name: None, note: Made for tests.}}
owner: test-desk
fetch: {{kind: file, path: '{file}'}}
format: {{kind: csv}}
delivery: complete
grain: one figure for one year
key: [year]
rows: {{min: 1, max: 100, max_change: 1}}
freshness_days: 400
max_bad_share: 0.5
columns:
  year: {{type: text, required: true, matches: '^[0-9]{{4}}[/a-z]*$', description: Year of it}}
  value: {{type: numeric, unit: count, description: Value of it}}
"""


def environment(settings: Settings) -> dict[str, str]:
    """The variables that point a command at the warehouse."""
    urls = {
        f"UTPADAN_{role}_URL": str(getattr(settings, f"{role.lower()}_url"))
        for role in ("ADMIN", "LOADER", "BUILDER", "ANALYST", "BI")
    }
    return {"UTPADAN_HOME": str(settings.home), "COLUMNS": "200", **urls}


@dataclass(frozen=True)
class Command:
    """Runs verbs of the command line; its one source is `figures`, read from `file`."""

    settings: Settings
    file: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the verb prints, on both streams; it must end with that exit code."""
        result = self.result(*arguments)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return plain(result.output)

    def result(self, *arguments: str) -> Result:
        """How the verb ended and what it printed, each stream apart."""
        return CliRunner().invoke(cli.app, list(arguments), env=environment(self.settings))


def plain(text: str) -> str:
    """The text without colours."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def emptied(settings: Settings, home: Path) -> Settings:
    """The warehouse without loads, releases and staging, with a home of the test's own."""
    withdraw_all(settings)
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        for name in ("figures", "people"):
            conn.execute(SQL("drop table if exists staging.{}").format(Identifier(name)))
        conn.execute("delete from ops.delivery; delete from ops.acceptance")
        conn.execute("delete from ops.fetch_error")
    return Settings.load({**environment(settings), "UTPADAN_HOME": str(home)})


def command_of(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Command:
    """A command whose checkout has just the one source, and whose gates pass."""
    file, contract = folder / "figures.csv", folder / "sources/engagement/figures/source.yml"
    contract.parent.mkdir(parents=True)
    contract.write_text(CONTRACT.format(file=file), encoding="utf-8")
    for name in ("cli.app", "cli.steps", "cli.brakes", "cli.rejected", "brakes"):
        module = import_module(f"utpadan.{name}")
        monkeypatch.setattr(module, "load_sources", lambda: load_sources(folder / "sources"))
    monkeypatch.setattr(nightly, "gate", lambda *_: None)
    with psycopg.connect(settings.admin_url) as conn:
        ledger.record_sources(conn, load_sources(folder / "sources"))
    return Command(settings, file)
