"""Verbs that start, run and stop everything on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer
from rich.markup import escape

from utpadan import local, nightly, publish
from utpadan.cli.app import AsJson, app, err, explained, out, print_json
from utpadan.cli.progress import Follower
from utpadan.cli.summary import print_summary
from utpadan.local import DagRun, LocalError
from utpadan.migrate import MigrationError
from utpadan.migrate import migrate as migrate_warehouse
from utpadan.settings import Settings
from utpadan.source import Source, load_sources

HERE = "On this machine"


@app.command(rich_help_panel=HERE)
@explained(LocalError, MigrationError, psycopg.errors.InsufficientPrivilege)
def run() -> None:
    """The whole nightly through Airflow: pull, load, judge, build, judge, publish."""
    start = time.perf_counter()
    settings, sources = _start(), load_sources()
    with psycopg.connect(settings.admin_url, autocommit=True) as conn:
        follower = Follower(conn)
        runs = _run_and_follow(settings, sources, follower)
        failed = [run for run in runs if not run.succeeded]
        release = publish.current_release(settings.builder_url)
        if release and not (failed or follower.has_news):
            out.print("\n[bold]Nothing is new[/bold]: no row was written, nothing was published.")
        print_summary(conn, settings, release, time.perf_counter() - start)
    for run in failed:
        tasks = ", ".join(run.failed_tasks) or run.state
        err.print(f"[red]{run.dag_id} failed[/red] ({escape(tasks)}); log: {run.log}")
    # A scheduler keeps its reasons in its logs; the ledger knows those that have to do with data.
    for failure in [run.reason for run in failed if run.reason] or follower.failures:
        err.print(f"[red]✗[/red] {escape(failure)}")
    if failed or follower.failures or release is None:
        raise typer.Exit(1)


@app.command(rich_help_panel=HERE)
@explained(LocalError, MigrationError, psycopg.errors.InsufficientPrivilege)
def up() -> None:
    """Start Postgres, the stand-in portals and Airflow with its nightly schedule."""
    settings = _start()
    with _saying("Airflow"):
        local.start_airflow(settings.home)
    parts = {part.name: part for part in local.status(settings.home)}
    out.print(
        f"\nAirflow is at {parts['airflow-api-server'].address}: user admin, password in "
        f"{settings.home / 'airflow' / 'passwords.json'}\n"
        "It ingests at 02:00 and publishes by 04:00 IST; `make run` does it now, `make down` stops."
    )


@app.command(rich_help_panel=HERE)
@explained(LocalError)
def down() -> None:
    """Stop what was started here, and only that; the data stays."""
    home = Settings.load().home
    with _saying("stopping"):
        local.stop_airflow(home)
        local.stop_portals(home)
        local.stop_postgres(home)


@app.command(rich_help_panel=HERE)
@explained(MigrationError, psycopg.errors.InsufficientPrivilege)
def migrate() -> None:
    """Bring the warehouse's schemas, roles and ledger up to date with this checkout."""
    migrate_warehouse(Settings.load())
    out.print("the warehouse is up to date")


@app.command(rich_help_panel=HERE)
@explained(LocalError)
def processes(as_json: AsJson = False) -> None:
    """What runs of Postgres, the portals and Airflow, and where."""
    parts = local.status(Settings.load().home)
    if as_json:
        print_json([vars(part) for part in parts])
        return
    for part in parts:
        mark = "[green]up[/green]  " if part.is_up else "[dim]down[/dim]"
        out.print(f"{mark} {part.name:<22} {part.address:<28} {part.log}")


def _start() -> Settings:
    """Postgres, portals and both migrations; what runs already is left alone."""
    home = Settings.load().home
    with _saying("Postgres"):
        local.start_postgres(home)
    with _saying("portals"):
        local.start_portals(home)
    settings = Settings.load()
    with _saying("migrations"):
        migrate_warehouse(settings)
        local.migrate_airflow(home)
    return settings


@contextmanager
def _saying(what: str) -> Iterator[None]:
    start = time.perf_counter()
    out.print(f"{what} ", end="")
    yield
    out.print(f"[dim]{time.perf_counter() - start:.1f} s[/dim]")


def _run_and_follow(
    settings: Settings, sources: dict[str, Source], follower: Follower
) -> list[DagRun]:
    """Run every DAG, printing what the ledger says meanwhile."""

    def print_news() -> None:
        for line in follower.lines():
            out.print(line)

    def print_end(run: DagRun) -> None:
        print_news()
        domain = run.dag_id.removeprefix("ingest_")
        for line in follower.nothing_new(s for s in sources.values() if s.domain == domain):
            out.print(line)
        state = "[green]done[/green]" if run.succeeded else "[red]failed[/red]"
        out.print(f"[bold]{run.dag_id}[/bold] {state} in {run.seconds:.0f} s")

    dags = [f"ingest_{domain}" for domain in nightly.domains(sources)] + ["marts"]
    return local.run_dags(settings.home, dags, on_end=print_end, on_wait=print_news)
