"""The end of a run: what readers see now, what was refused, and how to look at both."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from rich.table import Table

from utpadan.cli.app import out
from utpadan.local import psql_program
from utpadan.publish import Release
from utpadan.settings import Settings
from utpadan.source import CHECKOUT

COOKBOOK = CHECKOUT / "sql" / "cookbook"
EXAMPLES = 3


def print_summary(
    conn: psycopg.Connection, settings: Settings, release: Release | None, seconds: float
) -> None:
    """Print the release, its marts, rejected rows, gates, a psql line and example queries."""
    out.print()
    if release is None:
        out.print("[bold]No release yet[/bold]")
    else:
        out.print(
            f"[bold]Release {release.release_id}[/bold], published "
            f"{release.published_at:%Y-%m-%d %H:%M:%S} UTC; this run took {seconds:.0f} s"
        )
        out.print(_marts(release))
    _print_rejected(conn)
    _print_gates(conn)
    if release is not None:
        out.print(f"\nRead it:\n  {psql_line(settings)}")
        for path in sorted(COOKBOOK.glob("*.sql"))[:EXAMPLES]:
            out.print("\n" + path.read_text(encoding="utf-8").strip(), markup=False)


def psql_line(settings: Settings) -> str:
    """A line that opens psql as analyst when pasted; the password stays in a file."""
    parts = urlsplit(settings.analyst_url)
    passwords = settings.home / "pgpass"
    _write_passwords(passwords, settings)
    program = settings.home / "psql"
    if not program.is_symlink():
        program.symlink_to(psql_program())
    user, database = unquote(parts.username or ""), parts.path.lstrip("/")
    return (
        f"PGPASSFILE={_short(passwords)} {_short(program)} "
        f"-h {parts.hostname} -p {parts.port or 5432} -U {user} {database}"
    )


def _write_passwords(path: Path, settings: Settings) -> None:
    path.touch(mode=0o600)
    lines = []
    for url in (settings.analyst_url, settings.bi_url):
        parts = urlsplit(url)
        fields = (
            parts.hostname or "",
            str(parts.port or 5432),
            parts.path.lstrip("/"),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )
        lines.append(":".join(f.replace("\\", "\\\\").replace(":", "\\:") for f in fields))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _marts(release: Release) -> Table:
    table = Table("mart", "rows", "mart", "rows", box=None, header_style="dim", padding=(0, 2))
    table.columns[1].justify = table.columns[3].justify = "right"
    names = list(release.tables)
    half = (len(names) + 1) // 2
    for number in range(half):
        row: list[str] = []
        for name in names[number::half]:
            row += [name, f"{release.tables[name]:,}"]
        table.add_row(*row)
    return table


def _print_rejected(conn: psycopg.Connection) -> None:
    rows = conn.execute(
        "select source, rows_rejected from ops.source_status where rows_rejected > 0 order by 1"
    ).fetchall()
    if not rows:
        out.print("No row is rejected.")
    for source, count in rows:
        out.print(f"{count} rejected rows of {source}: `utpadan rejected {source}` shows them")


def _print_gates(conn: psycopg.Connection) -> None:
    for boundary, suite, rules, held in conn.execute(
        "select boundary, suite, rules, rules - errors - warnings - accepted from ops.gate_status "
        "order by boundary, suite"
    ):
        out.print(f"gate {boundary}/{suite}: {held} of {rules} rules hold")
