"""The verb that shows, exports and re-admits the rows that contracts do not understand.

Rows are kept as they were sent. Of personal columns their cells are shown to who asks for them;
where it is not certain which column a cell belongs to, all of them are taken to be personal.
"""

from __future__ import annotations

import csv
import re
import sys
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import psycopg
import typer
from rich.markup import escape

from utpadan import brakes, ledger
from utpadan.archive import ArchiveError
from utpadan.brakes import NotAccepted
from utpadan.cli.app import (
    AsJson,
    app,
    explained,
    fail,
    on_one_line,
    out,
    print_json,
    source_named,
)
from utpadan.ledger import RejectedRow
from utpadan.load import LoadRefused
from utpadan.plain import count
from utpadan.settings import Settings
from utpadan.source import Source, load_sources
from utpadan.table import visible

LOOK = "Look"
MASK = "•••"
A_FORMULA = re.compile(r"[=+\-@\t\r]")
A_NUMBER = re.compile(r"[+-]?[0-9.,]+")


@app.command(rich_help_panel=LOOK)
@explained(NotAccepted, LoadRefused, ArchiveError)
def rejected(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Default: counts of all sources.")
    ] = None,
    load: Annotated[
        int | None, typer.Option(metavar="ID", help="Of this load. Default: those that count now.")
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV; what a sheet would run gets an apostrophe.")
    ] = False,
    as_json: AsJson = False,
    personal: Annotated[
        bool, typer.Option("--personal", help="Show the cells of personal columns too.")
    ] = False,
    readmit: Annotated[
        bool, typer.Option("--readmit", help="Read all anew by the mended contract.")
    ] = False,
) -> None:
    """The rows that contracts do not understand, and why; re-admits them when that was mended."""
    settings = Settings.load()
    if source is None:
        if load is not None or personal or readmit:
            raise typer.BadParameter("--load, --personal and --readmit go with a SOURCE")
        _print_counts(settings, as_csv=as_csv, as_json=as_json)
        return
    named = source_named(source)
    if readmit:
        _readmit(settings, named)
        return
    with psycopg.connect(settings.loader_url) as conn:
        rows = ledger.rejected_rows(conn, named, load)
    cells = [dict(one.row) if personal else masked(named, one) for one in rows]
    if as_json:
        print_json([{**asdict(one), "row": row} for one, row in zip(rows, cells, strict=True)])
    elif as_csv:
        names = list(dict.fromkeys(name for row in cells for name in row))
        own = ["_load_id", "_delivery_id", "_line", "_reasons"]
        _write_csv(
            [*own, *names],
            [
                [one.load_id, one.delivery_id, one.line, "; ".join(one.reasons)]
                + [row.get(name) for name in names]
                for one, row in zip(rows, cells, strict=True)
            ],
        )
    else:
        _print_rows(named, rows, cells)


def masked(source: Source, rejected: RejectedRow) -> dict[str, str]:
    """The cells of a row, those that are or may be personal masked.

    A source with personal columns may have sent one under a header that the contract does not
    know; and where the row's structure is at fault, its cells may stand under others' headers.
    """
    personal = {name for name, column in source.columns.items() if column.personal}
    if not personal:
        return dict(rejected.row)
    known = source.columns.keys() - personal
    of_columns = all(why.partition(":")[0] in source.columns for why in rejected.reasons)
    return {n: cell if of_columns and n in known else MASK for n, cell in rejected.row.items()}


def _print_rows(source: Source, rows: list[RejectedRow], cells: list[dict[str, str]]) -> None:
    for load, of_load in groupby(
        zip(rows, cells, strict=True), key=lambda pair: (pair[0].load_id, pair[0].delivery_id)
    ):
        out.print(f"[bold]load {load[0]}, delivery {load[1]}[/bold]")
        for one, row in of_load:
            why = escape(on_one_line("; ".join(one.reasons)))
            out.print(f"[bold]line {one.line}[/bold]: {why}")
            shown = ", ".join(f"{name}={cell}" for name, cell in row.items())
            out.print("  " + on_one_line(shown), markup=False)
    out.print(
        f"{count(len(rows), 'row')} of {source.name} rejected; mend source.yml, then "
        f"`utpadan rejected {source.name} --readmit`"
        if rows
        else f"no row of {source.name} is rejected"
    )


def _print_counts(settings: Settings, *, as_csv: bool, as_json: bool) -> None:
    increments = [s.name for s in load_sources().values() if s.delivery == "increment"]
    with psycopg.connect(settings.loader_url) as conn:
        counts = ledger.rejected_counts(conn, increments)
    if as_json:
        print_json([asdict(count) for count in counts])
    elif as_csv:
        header = ["source", "load_id", "delivery_id", "reason", "rows"]
        _write_csv(header, [list(asdict(count).values()) for count in counts])
    else:
        for count in counts:
            line = f"{count.source:<32}{count.rows:>8,}  {on_one_line(count.reason)}"
            out.print(f"{line}  (load {count.load_id})", markup=False)
        out.print("`utpadan rejected SOURCE` shows the rows" if counts else "no row is rejected")


def _readmit(settings: Settings, source: Source) -> None:
    done = brakes.readmit(settings, source)
    for delivery, keys in groupby(done.readmitted, key=lambda key: key[0]):
        lines = ", ".join(str(line) for _, line in keys)
        out.print(f"delivery {delivery}: re-admitted lines {lines}")
    newly = f", {done.newly_rejected} newly rejected" if done.newly_rejected else ""
    out.print(
        f"{source.name}: {len(done.readmitted)} rows re-admitted, "
        f"{done.still_rejected} still rejected{newly}"
    )
    if done.refusal:
        fail(done.refusal)


def _write_csv(header: list[str], rows: list[list[object]]) -> None:
    """CSV that a spreadsheet opens without running any of it."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([_inert(name) for name in header])
    writer.writerows([_inert(cell) for cell in row] for row in rows)


def _inert(cell: object) -> object:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    if not isinstance(cell, str):
        return cell
    is_formula = A_FORMULA.match(cell) and not A_NUMBER.fullmatch(cell)
    shown = visible(cell) if sys.stdout.isatty() else cell
    return f"'{shown}" if is_formula else shown
