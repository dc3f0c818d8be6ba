"""Estimate: what an investment would receive under the state policies in force on a day.

The estimate itself is a function of the published marts (`estimate_incentives`), so that analysts,
BI tools and this module get the same answer. Amounts are whole rupees, rates percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

Row = Mapping[str, Any]

INCENTIVES: LiteralString = "select * from estimate_incentives(%s, %s, %s, %s)"
TOTALS: LiteralString = "select * from estimate_incentive_totals(%s, %s, %s, %s)"


class EstimateError(RuntimeError):
    """The question cannot be answered; the message says why and what could be asked."""


@dataclass(frozen=True)
class Question:
    """An investment in crore rupees, the day, and the unit's category and zone where known.

    Without a category the policies' own thresholds tell the size of the unit, and without a zone
    the amounts hold for units that stand in the zones which the policies name.
    """

    investment_crore: Decimal
    on: date
    unit_category: str | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Estimate:
    """`totals`: a row per policy in force or state without; `incentives`: a row per benefit."""

    totals: Sequence[Row]
    incentives: Sequence[Row]

    def of_state(self, state: str) -> Estimate:
        """The part of one state, by its code (IN-TN) or its name; EstimateError for no state."""
        asked = state.strip().casefold()
        codes = {
            row["state_code"]
            for row in self.totals
            if asked in (row["state_code"].casefold(), row["state_name"].casefold())
        }
        if not codes:
            known = ", ".join(sorted({row["state_code"] for row in self.totals}))
            raise EstimateError(f"there is no state {state!r}; there is: {known}, or their names")
        return Estimate(
            [row for row in self.totals if row["state_code"] in codes],
            [row for row in self.incentives if row["state_code"] in codes],
        )


def estimate(url: str, question: Question) -> Estimate:
    """Ask the published marts as the role of `url`.

    Raises EstimateError for a category or zone that no policy knows, and while the published marts
    cannot estimate yet.
    """
    asked = (question.investment_crore, question.on, question.unit_category, question.zone)
    try:
        with psycopg.connect(url, row_factory=dict_row) as conn:
            conn.execute("set transaction isolation level repeatable read")
            totals = conn.execute(TOTALS, asked).fetchall()
            incentives = conn.execute(INCENTIVES, asked).fetchall()
    except psycopg.errors.RaiseException as refusal:
        raise EstimateError(str(refusal.diag.message_primary)) from refusal
    except psycopg.errors.UndefinedFunction as missing:
        raise EstimateError(
            "the published marts hold no estimate: `utpadan build`, `audit` and `publish` make a "
            "release that does"
        ) from missing
    return Estimate(_plain(totals), _plain(incentives))


def _plain(rows: Sequence[Row]) -> list[Row]:
    """Whole numbers as int and others as float, which JSON and tables have."""
    return [{name: _number(value) for name, value in row.items()} for row in rows]


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
