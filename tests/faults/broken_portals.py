"""The portals of all sources, recorded once, and replayed with a fault in their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import Any

import httpx
import psycopg

from portals.arming import Armory, Fault
from portals.registry import portal
from portals.server import running
from portals.wire import Asked, Reply, serving
from utpadan import nightly
from utpadan.fetch import Patience
from utpadan.settings import Settings, portal_variable
from utpadan.source import HttpFetch, Source

_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}
_ITEMS_LEFT_OUT = re.compile(rb"((?:<item>.*?</item>\s*){4}).*(?=</channel>)", re.DOTALL)
"""What is behind the fourth item of a feed: each has a page, and four are as good as forty."""

MOST_BYTES = 3_000_000
PATIENT = Patience(tries=4, pause_s=0.001, longest_pause_s=0.005, answer_s=10.0, total_s=120.0)


@dataclass
class Replayed:
    """One source's portal: what it answered, and what is wrong with it now."""

    source: Source
    upstream: str
    armory: Armory = field(default_factory=Armory)
    answers: dict[str, Reply] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    patience: Patience = PATIENT
    port: int = 0
    settings: Settings = field(default_factory=Settings.load)

    @property
    def portal(self) -> str:
        """The name of its stand-in."""
        assert isinstance(self.source.fetch, HttpFetch)
        return self.source.fetch.connection

    def answer(self, asked: Asked) -> Reply:
        """As the stand-in answered the first time, unless a fault is armed."""
        self.requests.append(asked)
        key = f"{asked.path}?{asked.query}"
        if key not in self.answers and self.upstream:
            self.answers[key] = _recorded(self.upstream + key, asked.headers)
        good = self.answers.get(key, Reply(status=404))
        return self.armory.answer(self.portal, asked, good)

    def arm(self, fault: str, skip: int, times: int) -> None:
        """Have the fault strike from now on."""
        self.armory.arm([Fault(portal=self.portal, fault=fault, skip=skip, times=times)])

    @property
    def kinds(self) -> set[str]:
        """Which faults can strike it, by what they need."""
        fetch = self.source.fetch
        assert isinstance(fetch, HttpFetch)
        found = {"anything"}
        if len(self.answers) < 2:
            return found
        found |= {"more"}
        style = fetch.paging.style if fetch.paging else "feed"
        if style != "feed":
            found |= {"pages", "totals"}
        return found | ({"order"} if style in ("cursor", "link") else set())


def _recorded(url: str, headers: Mapping[str, str]) -> Reply:
    """The stand-in's answer, by the name the client knows it by; waits as its rate limit asks."""
    sent = {name: headers[name] for name in headers if not name.startswith("if-")}
    while True:
        answer = httpx.get(url, headers=sent, timeout=60, trust_env=False)
        if answer.status_code != 429:
            break
        sleep(float(answer.headers["retry-after"]))
    kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
    return Reply(_ITEMS_LEFT_OUT.sub(rb"\1", answer.content), answer.status_code, kept)


@contextmanager
def replayed(settings: Settings, sources: Mapping[str, Source]) -> Iterator[dict[str, Replayed]]:
    """Every source with a portal, whose portal's good answers have been pulled once."""
    stands: dict[str, Replayed] = {}
    with ExitStack() as stack, running() as base:
        for source in sources.values():
            if isinstance(source.fetch, HttpFetch):
                stand = Replayed(_hurried(source), base)
                port = stack.enter_context(serving(stand.answer))
                stand.port = port
                stand.settings = pointed(settings, stand)
                stands[source.name] = stand
        for stand in stands.values():
            pulled = nightly.pull(stand.settings, [stand.source])
            assert pulled.failed == {}
            stand.upstream = ""
        yield stands


def _hurried(source: Source) -> Source:
    """The source without its pace, with a bound that an endless body reaches soon, and the same
    records every time: one that asks for updates asks for those since a fixed day, three pages.
    """
    fetch = source.fetch
    assert isinstance(fetch, HttpFetch)
    changes: dict[str, Any] = {"requests_per_second": 100_000.0, "max_bytes": MOST_BYTES}
    if fetch.since_param:
        fixed = {fetch.since_param: "2025-05-01T00:00:00Z", "limit": "100"}
        changes |= {"since_param": None, "params": {**fetch.params, **fixed}}
    return source.model_copy(update={"fetch": fetch.model_copy(update=changes)})


def pointed(settings: Settings, stand: Replayed) -> Settings:
    """The warehouse of the settings, with the source's portal as its connection."""
    real = portal(stand.portal)
    return Settings.load(
        {
            "UTPADAN_HOME": str(settings.home),
            "UTPADAN_LOADER_URL": settings.loader_url,
            portal_variable(real.name, "URL"): f"http://127.0.0.1:{stand.port}{real.path}",
            portal_variable(real.name, "TOKEN"): real.token or "",
        }
    )


def ledger_of(conn: psycopg.Connection, source: str) -> dict[str, Any]:
    """What the ledger knows of a source: deliveries, loads, and why it could not be fetched."""
    queries = {
        "deliveries": "select sha256, fetched_at, watermark from ops.delivery where source = %s",
        "loads": "select load_id, status from ops.load where source = %s",
        "errors": "select message, requests, retries, seconds from ops.fetch_error "
        "where source = %s order by fetch_error_id",
    }
    return {
        name: conn.execute(query.encode(), (source,)).fetchall() for name, query in queries.items()
    }
