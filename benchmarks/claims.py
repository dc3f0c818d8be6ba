"""`python -m benchmarks.claims`: how well the rules of utpadan.claims read the labelled sentences.

A claim counts as right only when all of it is: metric, sector, measure, period, unit, value, the
range, bound and status. Prints a table and the misses, writes JSON into `benchmarks/results`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from utpadan.claims import Claim, read_claims

LABELLED = Path(__file__).parents[1] / "tests" / "claims" / "labelled.yml"
RESULTS = Path(__file__).parent / "results"
_UNITS = {
    "crore": ("INR", "value", 10**7),
    "usd_million": ("USD", "value", 10**6),
    "percent": ("percent", "growth", 1),
    "count": ("count", "count", 1),
}

Key = tuple[Any, ...]
"""All that must be right about a claim."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One labelled text: what it claims and what the rules read."""

    id: str
    set: str
    text: str
    expected: Counter[Key]
    found: Counter[Key]


@dataclass(frozen=True, slots=True)
class Score:
    """Claims read rightly, read at all, and labelled."""

    right: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        """Share of the claims read that are right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the labelled claims that are read rightly."""
        return self.right / self.expected if self.expected else 1.0


def readings(path: Path = LABELLED) -> list[Reading]:
    """Every labelled text, read."""
    return [_reading(entry) for entry in yaml.safe_load(path.read_text("utf-8"))]


def score(read: Iterable[Reading]) -> Score:
    """The score over these texts."""
    read = list(read)
    return Score(
        right=sum((one.expected & one.found).total() for one in read),
        found=sum(one.found.total() for one in read),
        expected=sum(one.expected.total() for one in read),
    )


def _reading(entry: Mapping[str, Any]) -> Reading:
    published_on = entry.get("published_on")
    assert published_on is None or isinstance(published_on, date)
    claims = read_claims(entry["text"], published_on)
    return Reading(
        id=entry["id"],
        set=entry["set"],
        text=entry["text"],
        expected=Counter(_labelled(label) for label in entry["claims"]),
        found=Counter(_key(claim) for claim in claims),
    )


def _labelled(label: Mapping[str, Any]) -> Key:
    name = next(unit for unit in _UNITS if unit in label)
    unit, measure, scale = _UNITS[name]
    ends = label[name] if isinstance(label[name], list) else [label[name], None]
    low, high = (None if end is None else Decimal(str(end)) * scale for end in ends)
    return (
        label["metric"],
        label.get("sector", "total"),
        label.get("measure", measure),
        label.get("period"),
        unit,
        low,
        high,
        label.get("bound", "exact"),
        label.get("status", "stated"),
    )


def _key(claim: Claim) -> Key:
    return (
        claim.metric,
        claim.sector,
        claim.measure,
        claim.period,
        claim.unit,
        claim.value,
        claim.value_high,
        claim.bound,
        claim.status,
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="benchmarks.claims", description=__doc__)
    parser.add_argument("--misses", choices=("dev", "all"), help="print what was read wrongly")
    options = parser.parse_args()
    read = readings()
    console = Console(highlight=False, soft_wrap=True)
    table = Table("sentences", "texts", "claims", "precision", "recall", box=None)
    figures = {}
    for name in ("dev", "held_out", "all"):
        part = [one for one in read if name in (one.set, "all")]
        found = score(part)
        table.add_row(
            name,
            str(len(part)),
            str(found.expected),
            f"{found.precision:.3f}",
            f"{found.recall:.3f}",
        )
        figures[name] = {
            "texts": len(part),
            "claims": found.expected,
            "precision": found.precision,
            "recall": found.recall,
        }
    console.print(table)
    for one in read:
        if options.misses and options.misses in (one.set, "all") and one.expected != one.found:
            console.print(f"{one.id}: {one.text}", markup=False)
            console.print(f"   missed {list(one.expected - one.found)}", markup=False)
            console.print(f"   false  {list(one.found - one.expected)}", markup=False)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"claims-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    console.print(f"written to {path}")


if __name__ == "__main__":
    main()
