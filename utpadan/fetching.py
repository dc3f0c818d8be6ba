"""Fetch and keep: a source's delivery, from its portal into the archive and the ledger.

What the ledger says of a source is copied to the archive beside the bytes, whoever wrote it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from time import perf_counter
from typing import Any

import psycopg

from utpadan import events, ledger
from utpadan.archive import Archive, ArchiveError
from utpadan.fetch import Endpoint, Fetched, FetchError, NothingNew, Previous, fetch
from utpadan.ledger import Delivery
from utpadan.scratch import scratch
from utpadan.settings import MissingSetting, Settings
from utpadan.source import HttpFetch, Source


@contextmanager
def ledger_kept(settings: Settings, *sources: Source) -> Iterator[psycopg.Connection]:
    """A connection of the loader; what it wrote into the ledger is copied to the archive.

    So is what a process wrote that was killed before it came to copy: each pull makes up for it.
    """
    archive = Archive(settings.archive_url)
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        try:
            yield conn
        finally:
            if not conn.broken:
                for source in sources:
                    archive.keep_ledger(source.name, ledger.write_copy(conn, source.name))


def fetch_and_keep(settings: Settings, source: Source) -> str | None:
    """Fetch a source's delivery into the archive; returns why it failed, None when it did not.

    One fetch of a source at a time: a second one waits, and asks for what is newer than the first.
    """
    try:
        with ledger_kept(settings, source) as conn:
            ledger.hold_fetching(conn, source.name)
            _fetch(conn, settings, source)
    except (FetchError, ArchiveError, OSError) as error:
        with psycopg.connect(settings.loader_url, autocommit=True) as conn:
            ledger.record_fetch_error(conn, source.name, str(error), _spent(error))
        events.emit("fetch", source=source.name, status="failed", message=str(error))
        return str(error)
    return None


def _fetch(conn: psycopg.Connection, settings: Settings, source: Source) -> None:
    start = perf_counter()
    previous = ledger.latest_delivery(conn, source.name)
    endpoint = _endpoint(settings, source)
    request = _request_sha256(source, endpoint)
    with scratch() as folder:
        fetched = fetch(source, _remembered(previous, request), endpoint, folder)
        if isinstance(fetched, NothingNew):
            ledger.record_check(conn, source.name, _spent(fetched))
            events.emit("fetch", source=source.name, status="nothing_new", since=start)
            return
        Archive(settings.archive_url).keep(fetched.path, fetched.sha256)
        if previous and fetched.sha256 == previous.sha256:
            ledger.record_same(conn, source.name, _facts(fetched, request))
            events.emit("fetch", source=source.name, status="nothing_new", since=start)
        else:
            delivery = ledger.record_delivery(conn, source.name, _facts(fetched, request))
            events.emit(
                "fetch",
                source=source.name,
                status="delivered",
                delivery_id=delivery.delivery_id,
                size_bytes=fetched.size,
                requests=fetched.requests,
                retries=fetched.retries,
                since=start,
            )


def _remembered(previous: Delivery | None, request: str) -> Previous | None:
    """What the delivery before said of itself.

    Of another request, no 304 may be believed, and none for ever: portals lie, or forget.
    """
    if previous is None:
        return None
    if previous.request_sha256 != request or not previous.is_confirmed:
        return Previous(watermark=previous.watermark)
    return Previous(previous.etag, previous.last_modified, previous.watermark)


def _request_sha256(source: Source, endpoint: Endpoint | None) -> str:
    place = endpoint.base_url if endpoint else ""
    return hashlib.sha256(f"{place} {source.fetch.model_dump_json()}".encode()).hexdigest()


def _endpoint(settings: Settings, source: Source) -> Endpoint | None:
    """The connection of the source's portal; None leaves the contract's own address."""
    if not isinstance(source.fetch, HttpFetch):
        return None
    try:
        connection = settings.connection(source.fetch.connection)
    except MissingSetting:
        return None
    return Endpoint(connection.url, connection.token)


def _spent(on: NothingNew | Exception) -> dict[str, Any]:
    """What a fetch took, as far as it was counted."""
    return {name: getattr(on, name, None) for name in ("requests", "retries", "seconds")}


def _facts(fetched: Fetched, request: str) -> dict[str, Any]:
    facts = asdict(fetched)
    del facts["path"]
    return {**facts, "size_bytes": facts.pop("size"), "request_sha256": request}
