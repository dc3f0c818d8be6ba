"""Verbs that look at the warehouse: its state, and its tables by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row

from utpadan import local
from utpadan.cli.app import START_IT, AsJson, app, explained, fail, out, print_json
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import ReadingFailed, run_metricflow, stale_sources, write_docs

LOOK = "Look"
NO_CONNECTION = 2
"""psql's exit code when the server cannot be reached or goes away."""

RECENTLY_ACCEPTED = """
select * from ops.acceptance
where accepted_at > now() - interval '30 days' order by acceptance_id
"""


@app.command(rich_help_panel=LOOK)
@explained()
def status(as_json: AsJson = False) -> None:
    """Sources, gates and the current release."""
    with psycopg.connect(Settings.load().builder_url, row_factory=dict_row) as conn:
        sources = conn.execute("select * from ops.source_status order by source").fetchall()
        gates = conn.execute("select * from ops.gate_status order by 1, 2").fetchall()
        release = conn.execute("select * from ops.release_history where is_current").fetchone()
        accepted = conn.execute(RECENTLY_ACCEPTED).fetchall()
    if as_json:
        print_json({"sources": sources, "gates": gates, "release": release, "accepted": accepted})
        return
    for line in _sources(sources):
        out.print(line, markup=False)
    for source in sources:
        if source["status"] == "refused":
            out.print(f"{source['source']} is refused: {source['message']}", markup=False)
    for gate in gates:
        out.print(
            f"gate {gate['boundary']}/{gate['suite']}: {gate['errors']} errors, "
            f"{gate['warnings']} warnings of {gate['rules']} rules"
        )
    for one in accepted:
        out.print(
            f"{one['boundary']}/{one['subject']} was accepted by {one['accepted_by']} at "
            f"{one['accepted_at']:%Y-%m-%d %H:%M}: {one['reason']}",
            markup=False,
        )
    out.print(
        f"release {release['release_id']} of {release['published_at']:%Y-%m-%d %H:%M} UTC"
        if release
        else "no release yet: `make run` makes one"
    )


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


def _sources(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each source, whole however narrow the terminal is."""
    yield f"{'source':<32}{'state':<11}{'rows':>9}{'rejected':>10}  known at          checked at"
    for row in rows:
        yield (
            f"{row['source']:<32}{row['status']:<11}{row['rows_admitted']:>9,}"
            f"{row['rows_rejected']:>10,}  {row['known_at']:%Y-%m-%d %H:%M}  "
            f"{row['checked_at']:%Y-%m-%d %H:%M}"
        )
