"""Verbs that do the nightly, whole or step by step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from utpadan import nightly, publish, quality, transform
from utpadan.archive import ArchiveError
from utpadan.backfill import BackfillRefused
from utpadan.backfill import backfill as backfill_source
from utpadan.cli.app import SourceName, app, err, explained, fail, out, source_named
from utpadan.cli.lines import build_line, load_line, nothing_new_line
from utpadan.export import ExportError, export
from utpadan.load import LoadRefused
from utpadan.settings import Settings
from utpadan.source import Source, load_sources

STEPS = "The nightly, step by step"
OF_SOURCES = "A folder of sources/: production_exports, state_policy, ..."
Which = Annotated[
    list[str] | None, typer.Argument(metavar="SOURCE|DOMAIN", help="Default: every source.")
]


@app.command(rich_help_panel=STEPS)
@explained()
def ingest(which: Which = None) -> None:
    """Pull sources and load what is new into staging, then judge their domains."""
    settings, sources = Settings.load(), load_sources()
    chosen = _chosen(which or [], sources)
    failures = 0
    for domain in nightly.domains(chosen):
        out.print(f"[bold]{domain}[/bold]")
        members = {name: s for name, s in chosen.items() if s.domain == domain}
        failures += _ingest_domain(settings, members)
        failures += not _passes(settings, domain, sources)
    if failures:
        raise typer.Exit(1)


@app.command(rich_help_panel=STEPS)
@explained()
def gate(domain: Annotated[str, typer.Argument(metavar="DOMAIN", help=OF_SOURCES)]) -> None:
    """Judge a domain's staging by its suite of expectations."""
    sources = load_sources()
    if domain not in nightly.domains(sources):
        raise typer.BadParameter(f"the domains are {', '.join(nightly.domains(sources))}")
    if not _passes(Settings.load(), domain, sources):
        raise typer.Exit(1)


@app.command(rich_help_panel=STEPS)
@explained(transform.BuildFailed, transform.BuildRunning, nightly.HeldBack, quality.SuiteError)
def build() -> None:
    """Build the marts into marts_next, where nobody reads them yet."""
    settings = Settings.load()
    result = nightly.build(settings, load_sources(), lambda layer: out.print(build_line(layer)))
    for warning in result.warnings:
        err.print(f"[yellow]warning:[/yellow] {warning}")
    out.print(f"built {len(result.nodes)} nodes in {result.seconds:.0f} s")


@app.command(rich_help_panel=STEPS)
@explained(quality.GateFailed, quality.SuiteError, nightly.HeldBack)
def audit() -> None:
    """Judge marts_next by the suites of expectations/marts."""
    for result in nightly.audit(Settings.load()):
        out.print(str(result))


@app.command(name="publish", rich_help_panel=STEPS)
@explained(publish.PublishError)
def publish_marts() -> None:
    """Make the audited marts_next the marts that everybody reads."""
    release = publish.publish(Settings.load().builder_url)
    out.print(f"release {release.release_id}: {len(release.tables)} tables")


@app.command(name="export", rich_help_panel=STEPS)
@explained(ExportError)
def export_release(
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="Default: UTPADAN_EXPORT_URL.")
    ] = None,
) -> None:
    """Write the current release as files: a gzipped CSV a mart, and datapackage.json."""
    settings = Settings.load()
    written = export(settings.builder_url, to or settings.export_url)
    state = "written" if written.is_new else "there already"
    out.print(f"release {written.release_id}: {written.tables} tables, {state}: {written.url}")


@app.command(rich_help_panel=STEPS)
@explained(publish.PublishError)
def undo() -> None:
    """Go back to the release before; the nightly does not bring the undone one back."""
    undone, now = publish.undo(Settings.load().builder_url)
    current = f"readers see release {now.release_id}" if now else "readers see no release"
    out.print(f"release {undone.release_id} is undone; {current}")


@app.command(rich_help_panel=STEPS)
@explained(ArchiveError, LoadRefused)
def replay(source: SourceName) -> None:
    """Rebuild a source's staging from the archive, after its contract was mended."""
    for outcome in nightly.replay_source(Settings.load(), source_named(source)):
        out.print(load_line(outcome))


@app.command(rich_help_panel=STEPS)
@explained(LoadRefused)
def revert(source: SourceName) -> None:
    """Take a source's newest load back; its bytes are not loaded again by themselves."""
    load_id = nightly.revert_source(Settings.load(), source_named(source))
    out.print(f"{source}: load {load_id} is reverted")


@app.command(rich_help_panel=STEPS)
@explained(ArchiveError, LoadRefused, BackfillRefused)
def backfill(
    source: SourceName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What was delivered then.")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="When it was known: 2024-05-01, 2024-05-01T06:30Z.")
    ],
) -> None:
    """Put a delivery of earlier days into its place in a source's history."""
    named, sources = source_named(source), load_sources()
    outcomes = backfill_source(Settings.load(), sources, named, file, _moment(at))
    for outcome in outcomes:
        out.print(load_line(outcome))
    if not outcomes:
        out.print(nothing_new_line(source))


def _moment(text: str) -> datetime:
    """The moment a text names; a day is its midnight, and times are UTC unless they say so."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--at {text!r}: say 2024-05-01 or 2024-05-01T06:30Z") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _chosen(which: list[str], sources: dict[str, Source]) -> dict[str, Source]:
    domains = nightly.domains(sources)
    names = {word for word in which if word not in domains}
    carriers = {source_named(name).delivery_source for name in names}
    return {
        name: source
        for name, source in sources.items()
        if not which or source.domain in which or name in names | carriers
    }


def _ingest_domain(settings: Settings, members: dict[str, Source]) -> int:
    """Pull and load; returns how many sources failed."""
    pulled = nightly.pull(settings, members.values())
    for name in pulled.nothing_new:
        out.print(nothing_new_line(name))
    for why in pulled.failed.values():
        err.print(f"  [red]✗[/red] {escape(why)}")
    failures = len(pulled.failed)
    for name in pulled.to_load:
        try:
            for outcome in nightly.load_source(settings, members[name]):
                out.print(load_line(outcome))
        except (LoadRefused, ArchiveError) as error:
            failures += 1
            err.print(f"  [red]✗[/red] {escape(str(error))}")
    return failures


def _passes(settings: Settings, domain: str, sources: dict[str, Source]) -> bool:
    try:
        result = nightly.gate(settings, domain, sources)
    except quality.GateFailed as failure:
        err.print(f"[red]✗[/red] {escape(str(failure))}")
        return False
    except quality.SuiteError as error:
        fail(str(error))
    out.print(str(result or f"staging/{domain}: nothing new to judge"))
    return True
