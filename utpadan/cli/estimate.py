"""The verb that tells what an investment would receive, state by state."""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from utpadan.cli.app import AsJson, app, explained, fail, out, print_json
from utpadan.cli.look import LOOK
from utpadan.estimate import Estimate, EstimateError, Question, Row, estimate
from utpadan.settings import Settings

CRORE = 10_000_000
SPECIAL = ("drone", "mro", "space")


@app.command("estimate", rich_help_panel=LOOK)
@explained(EstimateError)
def estimate_command(
    investment: Annotated[str, typer.Argument(metavar="CRORE", help="Investment, crore rupees.")],
    category: Annotated[
        str | None, typer.Option(help="Of the unit: micro, msme, large, mega, anchor ...")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Zone as its policy names it.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; today if not given.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="One state, by code or name: every incentive of it.")
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every incentive as CSV.")] = False,
) -> None:
    """Estimate what an investment would receive in each state, or in one."""
    question = Question(_crore(investment), on.date() if on else date.today(), category, zone)
    found = estimate(Settings.load().bi_url, question)
    if state is not None:
        found = found.of_state(state)
    if as_json:
        crore = float(question.investment_crore)
        print_json({**vars(question), "investment_crore": crore, **vars(found)})
    elif as_csv:
        _print_csv(found)
    else:
        _print_title(question)
        if state is None:
            _print_states(found)
        else:
            _print_state(found)


def _crore(text: str) -> Decimal:
    """The investment: 100, 1,000 or 2.5; leaves with exit code 2 when it is no amount."""
    try:
        crore = Decimal(text.replace(",", ""))
    except InvalidOperation:
        crore = Decimal("nan")
    if not crore.is_finite() or crore <= 0:
        raise typer.BadParameter(f"{text!r} is no investment; write crore rupees: 100 or 2.5")
    return crore


def _print_csv(found: Estimate) -> None:
    if not found.incentives:
        fail("no incentive in force is known for it; without --csv every policy is listed")
    writer = csv.DictWriter(sys.stdout, list(found.incentives[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(found.incentives)


def _print_title(question: Question) -> None:
    unit = question.unit_category or "the size that each policy gives it"
    where = question.zone or "any zone"
    out.print(
        f"Rs {question.investment_crore:,f} crore, category: {unit}, {where}, on {question.on}",
        markup=False,
    )


def _print_states(found: Estimate) -> None:
    table = Table("state", "policy", "Rs crore", "no amount", "remark", box=None)
    without = [row for row in found.totals if row["policy_id"] is None]
    rows = [row for row in found.totals if row["is_total_of_state"] and row["policy_id"]]
    for row in sorted(rows, key=lambda row: -(row["total_inr_max"] or 0)):
        table.add_row(row["state_name"], *_total(row))
    out.print(table)
    out.print(
        f"{len(without)} other states: no policy in force on that day is known.\n"
        "An amount counts what is a published share of the investment, once for each type of "
        "incentive; `no amount` counts\nwhat else the policy grants. --state shows every incentive "
        "with what is assumed, and the state's other policies."
    )


def _print_state(found: Estimate) -> None:
    for total in found.totals:
        if total["policy_id"] is None:
            out.print(f"{total['state_name']}: {total['remark']}", markup=False)
            continue
        out.print(f"\n{total['policy_title']} ({total['policy_id']})", markup=False)
        table = Table("Rs crore", "incentive, as published; what is assumed, or missing", box=None)
        for row in found.incentives:
            if row["policy_id"] == total["policy_id"]:
                table.add_row(*_incentive(row))
        if table.row_count:
            out.print(table)
        _, amount, missing, remark = _total(total)
        together = f"together Rs {amount} crore; " if amount else ""
        out.print(f"{together}{missing} without an amount; {remark}".rstrip("; "))
    out.print(
        "\n* counted in the sum   ? in doubt: publications disagree or the wording is unclear"
    )


def _total(row: Row) -> tuple[str, str, str, str]:
    scope = f"for {row['sector_scope']} only" if row["sector_scope"] in SPECIAL else ""
    return (
        row["policy_id"],
        _range(row["total_inr"], row["total_inr_max"]),
        str(row["incentives_without_amount"]),
        "; ".join(part for part in (scope, row["remark"]) if part),
    )


def _incentive(row: Row) -> tuple[str, str]:
    mark = "*" if row["is_counted"] else "?" if row["is_doubtful"] else ""
    amount = _range(row["amount_inr"], row["amount_inr_max"])
    told = f"{row['incentive_type']}, units: {row['unit_category_stated']}, {row['zone_stated']}"
    if row["zone_stated"] == "all":
        told = told.removesuffix(", all")
    why = row["assumption"] or row["reason_without_amount"]
    return (
        f"{amount} {mark}".strip(),
        f"{escape(told)}: {escape(row['stated_as'])}\n[dim]{escape(why)}[/dim]",
    )


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return ""
    if most is None or most == least:
        return _in_crore(least)
    return f"{_in_crore(least)} to {_in_crore(most)}"


def _in_crore(rupees: float) -> str:
    return f"{rupees / CRORE:,.2f}".rstrip("0").rstrip(".")
