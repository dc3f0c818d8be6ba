"""A figure in a release: where in `data/` it stands and how it is written.

A release never repeats a number. It names the row, and the number is read from there and put
into one of the many ways Indian releases write numbers.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from portals.data import Row, table

_LAKH = Decimal(100_000)


def find(name: str, spec: Mapping[str, Any]) -> tuple[str, Row]:
    """The figure as text, and the row it rests on.

    `spec` has `from` (domain/table), `where` (column → cell), `as` (a style) and, when it is not
    `value`, `column`. LookupError when no row fits or the rows that fit disagree.
    """
    column = spec.get("column", "value")
    where = {key: str(cell) for key, cell in spec["where"].items()}
    rows = [
        row for row in table(spec["from"]) if all(row[key] == cell for key, cell in where.items())
    ]
    found = {row[column] for row in rows}
    if len(found) != 1:
        raise LookupError(
            f"figure {name!r}: {spec['from']}.csv has {len(rows)} rows where {where}, "
            f"giving {sorted(found)} as {column}; one value is needed"
        )
    return STYLES[spec["as"]](found.pop()), rows[0]


def indian(number: Decimal) -> str:
    """1,50,590 and 9,462.8: thousands, then lakhs and crores in pairs of digits."""
    whole, _, fraction = format(number, "f").partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs: list[str] = []
    while head:
        pairs.insert(0, head[-2:])
        head = head[:-2]
    fraction = fraction.rstrip("0")
    return ",".join([*pairs, tail]) + (f".{fraction}" if fraction else "")


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(cell: str) -> str:
    day = date.fromisoformat(cell)
    return f"{day.day} {day:%B %Y}"


def _grouped(pattern: str) -> Callable[[str], str]:
    return lambda cell: pattern.format(indian(Decimal(cell)))


def _in_lakh(pattern: str) -> Callable[[str], str]:
    return lambda cell: pattern.format(_plain(Decimal(cell) / _LAKH))


STYLES: dict[str, Callable[[str], str]] = {
    "count": _grouped("{}"),
    "count_plus": _grouped("{}+"),
    "hectares": _grouped("{} hectares"),
    "rs_crore": _grouped("Rs {} crore"),
    "rs_dot_crore": _grouped("Rs. {} crore"),
    "rs_crore_no_break": _grouped("Rs\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}crore"),
    "rupee_crore": _grouped("₹{} crore"),
    "rupee_space_crore": _grouped("₹ {} crore"),
    "lakh": _in_lakh("{} lakh"),
    "lakh_crore": _in_lakh("{} lakh crore"),
    "rs_lakh_crore": _in_lakh("Rs {} lakh crore"),
    "rupee_lakh_crore": _in_lakh("₹{} lakh crore"),
    "rs_trillion": _in_lakh("Rs {} trillion"),
    "percent": lambda cell: f"{_plain(Decimal(cell))} per cent",
    "percent_sign": lambda cell: f"{_plain(Decimal(cell))}%",
    "day": _day,
    "text": str,
}
"""How a cell is written. Values in crore: 1 lakh crore = 100,000 crore = 1 trillion rupees."""
