"""A contract that is only there to be fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from utpadan.fetch import Fetched, NothingNew, Patience
from utpadan.source import Source

HASTY = Patience(tries=3, pause_s=0.01, longest_pause_s=0.3, answer_s=2.0, total_s=20.0)
CSV = {"kind": "csv"}
JSON = {"kind": "json", "records": "data"}


def contract(how: dict[str, Any], shape: dict[str, Any], delivery: str = "complete") -> Source:
    """The contract with these parts `fetch` and `format`."""
    parts: dict[str, Any] = {
        "name": "authorisations",
        "domain": "production_exports",
        "folder": Path("/nowhere/authorisations"),
        "title": "Authorisations",
        "description": "Authorisations of exports, for the tests of fetching.",
        "publisher": {"name": "Nobody", "official": False},
        "licence": {"name": "None", "note": "Made for tests."},
        "owner": "test-desk",
        "fetch": how,
        "format": shape,
        "delivery": delivery,
        "grain": "one authorisation of one export",
        "key": ["id"],
        "rows": {"min": 0, "max": 1000, "max_change": 1},
        "freshness_days": 400,
        "max_bad_share": 0.1,
        "columns": {"id": {"type": "text", "description": "The number of the authorisation."}},
    }
    return Source(**parts)


def http(**how: Any) -> dict[str, Any]:
    """The part `fetch` of a portal, at full speed."""
    parts = {
        "kind": "http",
        "connection": "test_portal",
        "base_url": "http://real.invalid",
        "path": "/data",
        "requests_per_second": 1000.0,
    }
    return {**parts, **how}


def got(fetched: Fetched | NothingNew) -> Fetched:
    """The delivery, which there must be."""
    assert isinstance(fetched, Fetched)
    return fetched
