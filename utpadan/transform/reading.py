"""What dbt tells without building anything: documentation, metrics, and how old the sources are.

The first two read the published marts as analyst, who can change nothing. All keep their files in
a folder of their own below the home, so that they never get in the way of a build.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from utpadan.settings import Settings
from utpadan.source import Source
from utpadan.transform.build import PROJECT
from utpadan.transform.process import Dbt, connection_variables
from utpadan.transform.properties import write_contracts

PUBLISHED = "marts"
FOLDER = "dbt_reading"
DOCS = "dbt_docs"

_NEVER = ("None", "0001-01-01")
"""What dbt gives for the time of a load that there is not."""

_METRICFLOW = """
import sys
from dbt_metricflow.cli import main

main.UpdateChecker.check = lambda *_: None  # it would ask a package index at every start
sys.argv[0] = "mf"
main.cli()
"""


class ReadingFailed(RuntimeError):
    """dbt could not do what was asked; the message has dbt's own words."""


def write_docs(settings: Settings, sources: Mapping[str, Source], project: Path = PROJECT) -> Path:
    """Write the documentation of all models into one page and return its path.

    The page needs no server and no network: `<home>/dbt_docs/index.html`.
    Raises ReadingFailed, ContractError.
    """
    dbt = _dbt(settings, settings.analyst_url, sources, project)
    _run(dbt, ["docs", "generate", "--static"])
    page = settings.home / DOCS / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dbt.target / "static_index.html", page)
    return page


def run_metricflow(
    settings: Settings,
    sources: Mapping[str, Source],
    arguments: Sequence[str],
    project: Path = PROJECT,
) -> int:
    """Run MetricFlow's `mf` on the published marts, on this terminal; returns its exit status.

    Raises ReadingFailed, ContractError.
    """
    dbt = _dbt(settings, settings.analyst_url, sources, project)
    if not _is_parsed(dbt):
        _run(dbt, ["parse"])
    environment = {
        **os.environ,
        **connection_variables(dbt.url, dbt.marts),
        "DBT_PROJECT_DIR": str(dbt.home),
        "DBT_PROFILES_DIR": str(project),
        "DBT_LOG_PATH": str(dbt.home / "logs"),
    }
    command = [sys.executable, "-c", _METRICFLOW, *arguments]
    return subprocess.run(command, env=environment).returncode


def stale_sources(
    settings: Settings, sources: Mapping[str, Source], project: Path = PROJECT
) -> list[str]:
    """A line for each source that had nothing new for longer than its contract says.

    Raises ReadingFailed when dbt cannot tell, ContractError.
    """
    dbt = _dbt(settings, settings.builder_url, sources, project)
    dbt.run(["source", "freshness"])
    answers = dbt.target / "sources.json"
    if dbt.errors or not answers.exists():
        raise ReadingFailed("\n".join(dbt.errors))
    results = json.loads(answers.read_bytes())["results"]
    return [line for result in results if (line := _stale_line(result, sources))]


def _stale_line(result: Mapping[str, object], sources: Mapping[str, Source]) -> str | None:
    name = str(result["unique_id"]).rpartition(".")[2]
    if result["status"] == "pass":
        return None
    source, newest = sources[name], str(result.get("max_loaded_at"))[:10]
    if newest in _NEVER:
        return f"{name}: was never loaded; {source.owner} answers for it"
    return (
        f"{name}: nothing new since {newest}, its contract expects something every "
        f"{source.freshness_days} days; {source.owner} answers for it"
    )


def _dbt(settings: Settings, url: str, sources: Mapping[str, Source], project: Path) -> Dbt:
    """dbt on the published marts. Its folder is also a small project, all that `mf` reads."""
    psycopg.connect(url).close()  # says better than dbt that nobody answers
    write_contracts(sources, project)
    home = settings.home / FOLDER
    home.mkdir(parents=True, exist_ok=True)
    (home / "dbt_project.yml").write_text("{name: utpadan, profile: utpadan}\n", encoding="utf-8")
    return Dbt(project, home, url, marts=PUBLISHED)


def _run(dbt: Dbt, arguments: Sequence[str]) -> None:
    if dbt.run(arguments):
        raise ReadingFailed("\n".join(dbt.errors))


def _is_parsed(dbt: Dbt) -> bool:
    """Whether the parsed metrics are newer than every file and folder of the project."""
    parsed = dbt.target / "semantic_manifest.json"
    if not parsed.exists():
        return False
    changed = max(path.stat().st_mtime for path in dbt.project.rglob("*"))
    return changed < parsed.stat().st_mtime
