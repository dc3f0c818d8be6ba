"""The columns of a source: how a cell is read, what is allowed, what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from utpadan.source.shapes import Part

SCALE = {"thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7, "lakh crore": 10**12}
"""What a stated unit multiplies by."""


def scale_of(unit: str | None) -> int:
    """What the scale word at a unit's end multiplies by: INR crore → 10,000,000; count → 1."""
    for word in sorted(SCALE, key=len, reverse=True):
        if f" {unit}".endswith(f" {word}"):
            return SCALE[word]
    return 1


def fold(header: str) -> str:
    """A header for comparing: case, blanks, underscores and non-breaking spaces do not count."""
    return " ".join(header.replace("_", " ").replace("\u00a0", " ").casefold().split())


class Rows(Part):
    """Volume bounds of one delivery.

    Fewer than `min` rows refuses the load, more than `max` warns. `max_change` is the share of
    current keys that one delivery may change or close; above it the load is refused.
    """

    min: int = Field(ge=0)
    max: int = Field(gt=0)
    max_change: float = Field(gt=0, le=1)


DateFormat = Literal["DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD Mon YYYY", "Mon DD, YYYY"]
"""Spellings of a date that `ops.read_date` knows beside ISO."""


class Column(Part):
    """One column: how a cell is read, what is allowed, and what it means.

    `header` are the names it has had in the file (any vintage), default its own name; for JSON a
    dotted path. `stated_unit` is a scale word (lakh, crore ...) in which the file states the
    number: the admitted value is multiplied by it. `formats` are the spellings of a date beside
    ISO. `lookup` mends known spellings; one
    mended to '' means no value. `personal` data never leaves staging.
    """

    type: Literal["text", "integer", "numeric", "date", "timestamp", "boolean", "json"]
    description: str = Field(min_length=8)
    required: bool = False
    header: tuple[str, ...] = ()
    unit: str | None = None
    stated_unit: Literal["thousand", "lakh", "million", "crore", "lakh crore"] | None = None
    allowed: tuple[str, ...] | None = Field(default=None, min_length=1)
    matches: str | None = None
    min: Decimal | str | None = None
    max: Decimal | str | None = None
    formats: tuple[DateFormat, ...] = ()
    lookup: Mapping[str, str] = {}
    personal: bool = False

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Column:
        if self.stated_unit and self.type != "numeric":
            raise ValueError("stated_unit goes with type numeric")
        if self.formats and self.type not in ("date", "timestamp"):
            raise ValueError("formats go with type date or timestamp")
        if (self.matches or self.allowed) and self.type != "text":
            raise ValueError("matches and allowed go with type text")
        for bound in (self.min, self.max):
            if bound is not None:
                self._refuse_foreign(bound)
        if self.type in ("numeric", "integer") and not self.unit:
            raise ValueError("a number needs a unit (count, percent, INR crore, year ...)")
        return self

    def _refuse_foreign(self, bound: Decimal | str) -> None:
        """Raise ValueError for a bound that is no value of the column's type."""
        reads: dict[str, Callable[[str], Any]] = {
            "integer": int,
            "numeric": Decimal,
            "date": date.fromisoformat,
            "timestamp": datetime.fromisoformat,
        }
        if self.type not in reads:
            raise ValueError(f"min and max do not go with type {self.type}")
        try:
            reads[self.type](str(bound))
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"the bound {str(bound)!r} is no {self.type}") from error
