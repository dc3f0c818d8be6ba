"""Verbs that keep the warehouse from being lost, and bring it back."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from utpadan.archive import ArchiveError
from utpadan.backup import BackupError
from utpadan.backup import backup as make_backup
from utpadan.backup import restore as restore_backup
from utpadan.cli.app import app, err, explained, out
from utpadan.cli.lines import load_line
from utpadan.local import LocalError
from utpadan.migrate import MigrationError
from utpadan.rebuild import RebuildError, rebuild_all
from utpadan.settings import Settings
from utpadan.source import load_sources

KEEP = "Keep and bring back"
Place = Annotated[str, typer.Argument(metavar="FOLDER|URL", help="Where backups are.")]


@app.command(rich_help_panel=KEEP)
@explained(ArchiveError, BackupError, LocalError)
def backup(place: Place) -> None:
    """Dump the database and copy the archive's new bytes to a folder or bucket."""
    made = make_backup(Settings.load(), place)
    release = f"release {made.release_id}" if made.release_id else "no release"
    out.print(
        f"backup {made.name}: {release}, {len(made.sha256s)} deliveries, "
        f"a dump of {made.dump_bytes:,} bytes"
    )


@app.command(rich_help_panel=KEEP)
@explained(ArchiveError, BackupError, LocalError, MigrationError)
def restore(
    place: Place,
    name: Annotated[str | None, typer.Option(help="A backup's name. Default: the newest.")] = None,
) -> None:
    """Bring a backup into an empty warehouse: database, archive, the release that readers saw."""
    made = restore_backup(Settings.load(), place, name)
    release = f"readers see release {made.release_id}" if made.release_id else "it had no release"
    out.print(f"backup {made.name} of {made.created_at} is restored; {release}")


@app.command(rich_help_panel=KEEP)
@explained(ArchiveError, BackupError, MigrationError, RebuildError)
def rebuild() -> None:
    """Write an empty warehouse anew from the archive alone; `utpadan run` then publishes it."""
    failures = 0
    for rebuilt in rebuild_all(Settings.load(), load_sources()):
        for outcome in rebuilt.loads:
            out.print(load_line(outcome))
        if rebuilt.failure:
            failures += 1
            err.print(f"  [red]✗[/red] {rebuilt.source}: {escape(rebuilt.failure)}")
    if failures:
        raise typer.Exit(1)
