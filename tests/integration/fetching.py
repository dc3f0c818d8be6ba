"""A contract that is only there to be fetched, and its portal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from scripted_portal import ScriptedPortal

from portals.wire import Reply
from utpadan.fetch import Endpoint, Fetched, NothingNew, Patience, Previous, fetch
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


def entries(fetched: Fetched | NothingNew) -> dict[str, bytes]:
    """The pages of the delivery, by name."""
    with ZipFile(got(fetched).path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def page(*ids: int, **fields: Any) -> Reply:
    """A page of JSON with these records and fields beside them."""
    return Reply(json.dumps({"data": [{"id": i} for i in ids], **fields}).encode())


@dataclass(frozen=True)
class Ask:
    """Fetches /data of the portal by the parts of `fetch` given."""

    portal: ScriptedPortal
    folder: Path

    def __call__(
        self,
        shape: dict[str, Any] = CSV,
        previous: Previous | None = None,
        secret: str | None = None,
        patience: Patience = HASTY,
        **how: Any,
    ) -> Fetched | NothingNew:
        endpoint = Endpoint(self.portal.base_url, secret)
        return fetch(contract(http(**how), shape), previous, endpoint, self.folder, patience)
