"""The verb that says how the warehouse is, as a table for people and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from rich.markup import escape

from utpadan import health
from utpadan.cli.app import AsJson, app, explained, out, print_json
from utpadan.cli.look import LOOK
from utpadan.health import Health, Row
from utpadan.plain import age, count, size
from utpadan.settings import Settings

GOOD, BAD, WARNING = "[green]✓[/green]", "[red]✗[/red]", "[yellow]![/yellow]"


@app.command(rich_help_panel=LOOK)
@explained()
def status(as_json: AsJson = False) -> None:
    """Sources, gates, release, disk, and what needs a person: the exit code is then 1."""
    found = health.look(Settings.load())
    if as_json:
        print_json(found.as_json())
    else:
        for line in _lines(found):
            out.print(line)
    if not found.is_well:
        raise typer.Exit(1)


def _lines(found: Health) -> Iterator[str]:
    """Everything, whole however narrow the terminal is; what needs a person comes last."""
    heads = f"{'source':<32}{'asked':>7}{'changed':>8}{'rows':>9}{'rejected':>9}  problem"
    yield f"[dim]  {heads}[/dim]"
    for row in found.sources:
        yield _source(row, found)
    yield ""
    for row in found.gates:
        yield from _gate(row, found)
    yield ""
    yield from _release(found)
    for row in found.rejects:
        name, rejected = row["source"], count(row["rows_rejected"], "rejected row")
        yield f"{WARNING} {rejected} of {name}: `utpadan rejected {name}` shows them"
    for row in found.accepted:
        yield (
            f"{WARNING} {row['subject']} was accepted {age(row['accepted_at'], found.now)} ago by "
            f"{escape(row['accepted_by'])}: {escape(row['reason'])}"
        )
    yield from _disk(found)
    for row in found.at_work:
        yield f"  at work: {row['work']}, for {age(row['since'], found.now)}"
    yield ""
    for problem in found.problems:
        since = f", {age(problem.since, found.now)}" if problem.since else ""
        yield (
            f"{BAD} [bold]{escape(problem.what)}[/bold]{since}: {escape(problem.reason)} "
            f"[dim]({problem.owner})[/dim]"
        )
    needs = "thing needs" if len(found.problems) == 1 else "things need"
    yield f"{len(found.problems)} {needs} a person" if found.problems else f"{GOOD} all is well"


def _source(row: Row, found: Health) -> str:
    mark = BAD if row["problem"] else GOOD
    rows = "–" if row["rows_admitted"] is None else f"{row['rows_admitted']:,}"
    rejected = "–" if row["rows_rejected"] is None else f"{row['rows_rejected']:,}"
    return (
        f"{mark} {row['source']:<32}{age(row['checked_at'], found.now):>7}"
        f"{age(row['changed_at'], found.now):>8}{rows:>9}{rejected:>9}  {row['problem'] or ''}"
    ).rstrip()


def _gate(row: Row, found: Health) -> Iterator[str]:
    name = health.gate_name(row)
    mark = BAD if row["errors"] else WARNING if row["warnings"] else GOOD
    held = row["rules"] - row["errors"] - row["warnings"]
    yield (
        f"{mark} gate {name:<29}{held:>4} of {row['rules']} rules hold, "
        f"judged {age(row['checked_at'], found.now)} ago"
    )
    for finding in found.warnings:
        if health.gate_name(finding) == name:
            since = age(finding["first_failed_at"], found.now)
            yield f"    warns for {since}: {escape(health.found(finding))} ({finding['owner']})"


def _release(found: Health) -> Iterator[str]:
    release, newest = found.release, found.newest_release
    if release is not None:
        at = f"{release['published_at']:%Y-%m-%d %H:%M} UTC"
        old = age(release["published_at"], found.now)
        tables = count(len(release["tables"]), "table")
        yield f"{GOOD} release {release['release_id']} of {at}, {old} old, {tables}"
    if newest and newest["undone_at"]:
        undone = age(newest["undone_at"], found.now)
        yield f"{WARNING} release {newest['release_id']} was undone {undone} ago"
    if found.unpublished:
        yield f"  {count(len(found.unpublished), 'load')} in no release yet"


def _disk(found: Health) -> Iterator[str]:
    parts = found.disk
    spare = f", of it spare marts {size(parts['marts_spare'])}" if "marts_spare" in parts else ""
    yield (
        f"  database {size(parts['database'])}, of it marts {size(parts.get('marts', 0))}, staging "
        f"{size(parts.get('staging', 0))}{spare}; archive {size(parts['archive'])}"
    )
    for place in found.file_systems:
        mark = BAD if place.is_low else " "
        yield (
            f"{mark} {size(place.free_bytes)} of {size(place.total_bytes)} free for "
            f"{', '.join(place.holds)} at {escape(place.path)}"
        )
