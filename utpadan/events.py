"""Events: one line for each thing that happened to data, with the ids it has in the ledger.

A line is logfmt: `load source=mous load_id=7 delivery_id=3 status=loaded rows_new=27 seconds=0.4`.
It goes to the logger `utpadan.events`. An Airflow task keeps it in its log; a command says nothing,
unless `UTPADAN_LOG` is `logfmt` or `json`: then it goes to standard error. Facts are names, ids,
numbers and messages that hold no secret: no address, no cell of a row.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

VARIABLE = "UTPADAN_LOG"
FORMS = ("logfmt", "json")
Fact = str | int | float | bool | UUID | None

_log = logging.getLogger(__name__)


class UnknownForm(ValueError):
    """UTPADAN_LOG asks for a form of lines that there is not."""


def emit(event: str, *, since: float | None = None, **facts: Fact) -> None:
    """Say that something happened; facts that are None are left out.

    `since` is what `perf_counter()` gave at its beginning: the event then tells its seconds.
    """
    told = {name: fact for name, fact in facts.items() if fact is not None}
    if since is not None:
        told["seconds"] = round(perf_counter() - since, 3)
    line = " ".join([event, *(f"{name}={_cell(fact)}" for name, fact in told.items())])
    _log.info("%s", line, extra={"event": event, "facts": told})


def configure(environment: Mapping[str, str]) -> None:
    """Send events to standard error when the environment asks for it. Raises UnknownForm."""
    form = environment.get(VARIABLE, "")
    _log.handlers.clear()
    if not form:
        return
    if form not in FORMS:
        raise UnknownForm(f"{VARIABLE} is {form!r}; it may be {' or '.join(FORMS)}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Logfmt())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"at={_at(record)} {record.getMessage()}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = vars(record)
        line = {"at": _at(record), "event": told["event"], **told["facts"]}
        return json.dumps(line, default=str, ensure_ascii=False)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _cell(fact: Fact) -> str:
    """A word as it is; what has blanks, quotes or control characters as JSON quotes it."""
    text = str(fact).lower() if isinstance(fact, bool) else str(fact)
    plain = text and text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text, ensure_ascii=True)
