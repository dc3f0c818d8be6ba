"""Dotted paths into JSON, as contracts write them: `data.records`, `0.pages`, `indicator.id`."""

from __future__ import annotations

from typing import Any


class NoSuchPath(LookupError):
    """The document has nothing at the path; the message says how far it goes.

    `is_absence` tells a field left out from a value of another shape than the path supposes.
    """

    def __init__(self, path: str, step: str, value: Any) -> None:
        super().__init__(f"there is no {step!r} in {_outline(value)} (path {path!r})")
        self.is_absence = value is None or isinstance(value, dict | list)


def json_at(document: Any, path: str) -> Any:
    """The value at `path`; "" is the document itself, a number picks from a list.

    Raises NoSuchPath where a step leads nowhere.
    """
    value = document
    for step in path.split(".") if path else ():
        value = _step(value, step, path)
    return value


def _step(value: Any, step: str, path: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    raise NoSuchPath(path, step, value)


def _outline(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(list(value)[:8])
        return f"the object of {names or 'no fields'}"[:200]
    if isinstance(value, list):
        return f"the list of {len(value)}"
    return "null" if value is None else f"the {type(value).__name__} {str(value)[:40]!r}"
