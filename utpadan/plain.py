"""Plain words for people: ages, sizes, and foreign text on one line."""

from __future__ import annotations

from datetime import datetime, timedelta

_STEPS = (
    (timedelta(days=2), timedelta(days=1), "d"),
    (timedelta(hours=2), timedelta(hours=1), "h"),
)
_UNITS = ("B", "kB", "MB", "GB", "TB")


def age(since: datetime | None, now: datetime) -> str:
    """How long ago: 5 min, 3 h, 12 d; a dash for never."""
    if since is None:
        return "–"
    gone = max(now - since, timedelta())
    for least, unit, word in _STEPS:
        if gone >= least:
            return f"{gone // unit} {word}"
    return f"{gone // timedelta(minutes=1)} min"


def size(number: int) -> str:
    """Bytes in a unit that suits them, in powers of 1000: 78.4 GB."""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < 100 else f"{value:.0f} {_UNITS[unit]}"


def count(number: int, thing: str) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def one_line(text: str, longest: int = 500) -> str:
    """Text of any origin on one line, without what could steer a terminal; cut when it is long."""
    words = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "�" for char in words)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
