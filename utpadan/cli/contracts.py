"""Verbs that look at contracts, and at whether all that rests on them agrees."""

from __future__ import annotations

from typing import Annotated

import typer

from utpadan.agreement import examine
from utpadan.check import check_sources
from utpadan.cli.app import app, err, explained, out
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT

LOOK = "Look"


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
