"""A claim: one figure about one metric, read out of running text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Unit = Literal["INR", "USD", "percent", "count"]
Measure = Literal["value", "growth", "share", "count"]
Bound = Literal["exact", "lower", "upper", "approximate"]
Status = Literal["stated", "provisional", "final", "estimated", "expected", "target", "part_year"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sentence says of one metric.

    `sector` is total, dpsu, other_psu, dpsu_and_other_psu, private, company (one named company),
    or for corridors UPDIC, TNDIC, BOTH, node. `period` is as the warehouse writes periods
    (`2024-25`, `2024-25 Q1`, `2022-23 H1`, `2004-05 to 2013-14`, `2024`, `since 2014`), None when
    the text leaves it open. `value` is in rupees, dollars, percent or a count; `value_high` is the
    upper end of a range; `half_unit` is half of the last digit stated, in the same unit. The
    figure begins at `offset` of the text and its sentence at `sentence_offset`.
    """

    metric: str
    sector: str
    measure: Measure
    period: str | None
    unit: Unit
    value: Decimal
    value_high: Decimal | None
    half_unit: Decimal
    bound: Bound
    bound_words: str
    status: Status
    status_words: str
    stated_as: str
    also_stated_as: str | None
    sentence: str
    sentence_offset: int
    offset: int
