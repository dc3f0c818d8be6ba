"""How what happened is written: one line a source, a layer, a gate."""

from __future__ import annotations

from rich.markup import escape

from utpadan.ledger import Outcome
from utpadan.transform import Layer
from utpadan.transform.results import BROKEN


def load_line(outcome: Outcome) -> str:
    """One line for a load: what was landed, admitted, rejected, and what it changed."""
    rows = outcome.rows
    if outcome.status == "refused":
        return f"  [red]✗[/red] {outcome.source:<32} refused: {escape(outcome.message or '')}"
    counts = (
        f"{rows.landed:>6,} landed {rows.admitted:>6,} admitted {rows.rejected:>4,} rejected"
        f" {rows.new:>6,} new {rows.changed:>5,} changed {rows.closed:>5,} closed"
    )
    return f"  [green]✓[/green] {outcome.source:<32}{counts}"


def nothing_new_line(source: str) -> str:
    """One line for a source that was asked and had nothing."""
    return f"  [dim]· {source:<32} nothing new[/dim]"


def build_line(layer: Layer) -> str:
    """One line for a layer of the build: models, seeds or tests."""
    bad = sum(layer.statuses[status] for status in BROKEN)
    mark = "[red]✗[/red]" if bad else "[green]✓[/green]"
    return f"  {mark} {layer.name:<14}{layer.nodes:>5} nodes" + (f", {bad} failed" if bad else "")
