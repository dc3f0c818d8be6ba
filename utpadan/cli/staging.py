"""Verbs that look at staging: rejected rows and contracts."""

from __future__ import annotations

import csv
import sys
from typing import Annotated

import psycopg
import typer
from rich.markup import escape

from utpadan.agreement import examine
from utpadan.check import check_sources
from utpadan.cli.app import AsJson, SourceName, app, err, explained, out, print_json, source_named
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT

LOOK = "Look"


@app.command(rich_help_panel=LOOK)
@explained()
def rejected(
    source: SourceName,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the rows of a source's newest load that its contract does not understand, and why."""
    named = source_named(source)
    with psycopg.connect(Settings.load().loader_url) as conn:
        rows = conn.execute(
            """
            select line, reasons, row from ops.rejected_row
            where load_id = (
                select max(load_id) from ops.load
                where source = %s and status <> 'superseded'
            )
            order by line
            """,
            (named.name,),
        ).fetchall()
    if as_json:
        print_json([{"line": line, "reasons": why, "row": row} for line, why, row in rows])
    elif as_csv:
        names = list(dict.fromkeys(name for _, _, row in rows for name in row))
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["line", "reasons", *names])
        writer.writerows([line, "; ".join(why), *map(row.get, names)] for line, why, row in rows)
    else:
        for line, why, row in rows:
            out.print(f"[bold]line {line}[/bold]: {escape('; '.join(why))}")
            out.print("  " + ", ".join(f"{k}={v}" for k, v in row.items()), markup=False)
        out.print(
            f"{len(rows)} rows of {source} are rejected; mend source.yml, then "
            f"`utpadan replay {source}`"
            if rows
            else f"no row of {source} is rejected"
        )


@app.command(rich_help_panel=LOOK)
@explained()
def check(
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also whether archive, ledger, staging and marts agree."),
    ] = False,
) -> None:
    """Check every contract: licence, owner, bounds, fixture, staging model, descriptions."""
    problems = check_sources()
    if deep:
        found = examine(Settings.load(), load_sources())
        problems += found.faults
        for remark in found.remarks:
            out.print(remark, markup=False)
    for problem in problems:
        err.print(problem, markup=False)
    if problems:
        raise typer.Exit(1)
    out.print("every source is whole")
    if deep:
        out.print("archive, ledger, staging and marts agree")


@app.command(rich_help_panel=LOOK)
@explained()
def contracts() -> None:
    """Write what dbt derives from the contracts, for dbt and sqlfluff run by hand."""
    write_contracts(load_sources(), PROJECT)
    out.print(f"written below {PROJECT}")
