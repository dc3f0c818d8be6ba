"""The verb that says which company a name means."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.markup import escape

from utpadan.cli.app import AsJson, app, explained, fail, out, print_json
from utpadan.resolve import Answer
from utpadan.resolve.warehouse import Directory, read_directory
from utpadan.settings import Settings

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula."""
COLUMNS = (
    *("name", "vendor_id", "canonical_name", "method", "score"),
    *("candidate_1", "score_1", "candidate_2", "score_2", "candidate_3", "score_3"),
)
CERTAIN = 100.0


class UnreadableNames(Exception):
    """The file of names is missing or is no UTF-8 text; the message says where and what to do."""


@app.command(rich_help_panel="Look")
@explained(UnreadableNames)
def resolve(
    name: Annotated[str | None, typer.Argument(help="A company's name, vendor_id or CIN.")] = None,
    file: Annotated[
        Path | None, typer.Option("--from", help="A file with one name a line, UTF-8.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say which company a name means, or may mean."""
    if (name is None) == (file is None):
        raise typer.BadParameter("give one NAME, or --from FILE with one name a line")
    names = [name] if name is not None else _names_of(file or Path())
    directory = _directory()
    rows = [_row(directory, directory.knowledge.resolve(name)) for name in names]
    if as_json:
        print_json(rows if file else rows[0])
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    else:
        for row in rows:
            _print(row)


def _directory() -> Directory:
    with psycopg.connect(Settings.load().analyst_url) as conn:
        found = conn.execute("select to_regclass('marts.dim_vendor_history')").fetchone()
        if found == (None,):
            fail("there is no release with vendors yet: `make run` makes one")
        return read_directory(conn)


def _names_of(file: Path) -> list[str]:
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UnreadableNames(f"{file}: {error.strerror}; give a file of names") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableNames(
            f"{file}, line {line}: is not UTF-8 ({error.reason}); save the file as UTF-8"
        ) from error
    return [line.strip() for line in lines if line.strip()]


def _row(directory: Directory, answer: Answer) -> dict[str, Any]:
    """One answer flat, as every output shows it; null is no company, or none for certain."""
    vendor_id = answer.link.vendor_id if answer.link else None
    row: dict[str, Any] = {
        "name": answer.name,
        "vendor_id": vendor_id,
        "canonical_name": directory.canonical_names.get(vendor_id) if vendor_id else None,
        "method": answer.link.method if answer.link else None,
        "score": CERTAIN if vendor_id else None,
    }
    for place in range(3):
        candidate = answer.candidates[place] if place < len(answer.candidates) else None
        shown = directory.canonical_names.get(candidate.vendor_id) if candidate else None
        row[f"candidate_{place + 1}"] = shown
        row[f"score_{place + 1}"] = candidate.score if candidate else None
    return row


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, marked as text by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _print(row: dict[str, Any]) -> None:
    name = escape(row["name"])
    if row["vendor_id"]:
        out.print(f"{name}: [bold]{escape(row['canonical_name'] or '')}[/bold]", end=" ")
        out.print(f"({row['method']}) {row['vendor_id']}", markup=False)
        return
    if row["method"]:
        out.print(f"{name}: reviewed, and no single company")
        return
    out.print(f"{name}: not known for certain. It may be:")
    for place in (1, 2, 3):
        if row[f"candidate_{place}"]:
            line = f"{row[f'score_{place}']:>7.1f}  {row[f'candidate_{place}']}"
            out.print(line, markup=False)
