"""Columns of a contract: which rules go with which type, what a unit and a header mean."""

from __future__ import annotations

from typing import Any

import pytest

from utpadan.source import Column, fold, scale_of


@pytest.mark.parametrize("header", ["Fiscal Year", "FISCAL_YEAR", " fiscal\u00a0 year\n"])
def test_case_blanks_and_underscores_of_a_header_do_not_count(header: str) -> None:
    assert fold(header) == "fiscal year"


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("INR crore", 10**7),
        ("INR lakh crore", 10**12),
        ("lakh", 10**5),
        ("USD million", 10**6),
        ("INR", 1),
        ("count", 1),
        ("crore of rupees", 1),
        ("microcrore", 1),
        (None, 1),
    ],
)
def test_a_unit_is_scaled_by_the_word_at_its_end(unit: str | None, scale: int) -> None:
    assert scale_of(unit) == scale


@pytest.mark.parametrize(
    "rules",
    [
        {"type": "integer", "unit": "count", "stated_unit": "lakh"},
        {"type": "text", "formats": ["DD-MM-YYYY"]},
        {"type": "date", "formats": ["DD-MM-YY"]},
        {"type": "numeric", "unit": "count", "matches": "x"},
        {"type": "date", "allowed": ["2025-01-01"]},
        {"type": "text", "allowed": []},
        {"type": "text", "min": 0},
        {"type": "json", "max": 1},
        {"type": "boolean", "min": "false"},
        {"type": "integer", "unit": "count", "max": 1.5},
        {"type": "numeric", "unit": "count", "max": "many"},
        {"type": "date", "min": "31-03-2025"},
        {"type": "date", "max": "today"},
        {"type": "timestamp", "max": "2025-04-01 12:00 IST"},
        {"type": "numeric"},
        {"type": "text", "widht": 3},
    ],
    ids=lambda rules: "-".join(map(str, rules)),
)
def test_a_rule_that_does_not_go_with_the_type_is_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Column(description="A column of the test.", **rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"type": "numeric", "unit": "INR crore", "stated_unit": "lakh", "min": "0.5", "max": 2},
        {"type": "date", "formats": ["DD Mon YYYY"], "min": "2000-01-01"},
        {"type": "timestamp", "max": "2049-12-31T00:00:00Z"},
        {"type": "text", "allowed": ["a"], "matches": "a", "lookup": {"A": "a", "-": ""}},
    ],
)
def test_a_rule_that_goes_with_the_type_is_taken(rules: dict[str, Any]) -> None:
    assert Column(description="A column of the test.", **rules).type == rules["type"]
