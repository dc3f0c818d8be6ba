"""Verbs that look at the warehouse: its tables by SQL, its metrics, its documentation."""

from __future__ import annotations

from typing import Annotated

import typer

from utpadan import local
from utpadan.cli.app import START_IT, app, explained, fail, out
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import ReadingFailed, run_metricflow, stale_sources, write_docs

LOOK = "Look"
NO_CONNECTION = 2
"""psql's exit code when the server cannot be reached or goes away."""


@app.command(rich_help_panel=LOOK)
@explained()
def sql(
    query: Annotated[str | None, typer.Option("-c", help="Print the result of one query.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print it as CSV.")] = False,
    as_bi: Annotated[bool, typer.Option("--bi", help="As the role of BI tools.")] = False,
) -> None:
    """Open psql on the warehouse as analyst, or run one query."""
    settings = Settings.load()
    command = ["psql", "-v", "ON_ERROR_STOP=1"]
    if query is not None:
        command += ["--no-psqlrc", "-c", query]
    if as_csv:
        command += ["--csv"]
    code = local.run_client(settings.bi_url if as_bi else settings.analyst_url, command)
    if code == NO_CONNECTION:
        fail(f"the warehouse does not answer; {START_IT}")
    raise typer.Exit(code)


@app.command(
    rich_help_panel=LOOK,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@explained(ReadingFailed)
def mf(
    words: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="list metrics, query --metrics ...")
    ],
) -> None:
    """Ask MetricFlow for metrics of the published marts, as analyst."""
    raise typer.Exit(run_metricflow(Settings.load(), load_sources(), words))


@app.command(rich_help_panel=LOOK)
@explained(ReadingFailed)
def freshness() -> None:
    """Sources that had nothing new for longer than their contracts say."""
    sources = load_sources()
    stale = stale_sources(Settings.load(), sources)
    for line in stale:
        out.print(line, markup=False)
    if stale:
        raise typer.Exit(1)
    out.print(f"each of {len(sources)} sources had something new in its time")


@app.command(rich_help_panel=LOOK)
@explained(ReadingFailed)
def docs() -> None:
    """Write the documentation of all models into one page that needs no server."""
    page = write_docs(Settings.load(), load_sources())
    out.print(f"open {page}", markup=False)
