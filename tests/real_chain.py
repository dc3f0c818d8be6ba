"""The real input in a warehouse of a test's own: what the portals serve and `data/` holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from portals.registry import PORTALS
from portals.server import running
from utpadan import ledger, nightly, publish
from utpadan.archive import Archive, sha256_of
from utpadan.publish import Release
from utpadan.settings import Settings, portal_variable
from utpadan.source import Source, load_sources


def load_everything(settings: Settings, sources: Mapping[str, Source]) -> None:
    """Pull every source, over HTTP those that have a portal, and load what came."""
    with running() as base:
        pulled = nightly.pull(_with_portals(settings, base), sources.values())
    assert pulled.failed == {}
    for name in pulled.to_load:
        nightly.load_source(settings, sources[name])


def build_everything(settings: Settings) -> None:
    """Everything there is, loaded, judged by the gates of staging, and built."""
    load_everything(settings, load_sources())
    build_what_is_loaded(settings)


def build_what_is_loaded(settings: Settings) -> None:
    """Staging is judged and the marts are built."""
    sources = load_sources()
    for domain in nightly.domains(sources):
        nightly.gate(settings, domain, sources)
    nightly.build(settings, sources)


def release_what_is_built(settings: Settings) -> Release:
    """What is built is published.

    The suites of the marts are left out: `test_quality_marts.py` asks them.
    """
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        build_id = ledger.build_in_marts_next(conn)
        assert build_id is not None
        ledger.mark_audited(conn, build_id, passed=True)
    return publish.publish(settings.builder_url)


def _with_portals(settings: Settings, base: str) -> Settings:
    environment = {"UTPADAN_HOME": str(settings.home), "UTPADAN_LOADER_URL": settings.loader_url}
    for portal in PORTALS:
        environment[portal_variable(portal.name, "URL")] = base + portal.path
        environment[portal_variable(portal.name, "TOKEN")] = portal.token or ""
    return Settings.load(environment)


def deliver_changed(
    settings: Settings, source: Source, old: bytes, new: bytes, folder: Path
) -> None:
    """A delivery arrives that is the source's last one with `new` in place of the one `old`."""

    def edit(content: bytes) -> bytes:
        assert content.count(old) == 1
        return content.replace(old, new)

    deliver_edited(settings, source, edit, folder, datetime.now(UTC))


def deliver_edited(
    settings: Settings,
    source: Source,
    edit: Callable[[bytes], bytes],
    folder: Path,
    fetched_at: datetime,
) -> None:
    """A delivery arrives that is the source's last one, edited; it is archived, not loaded."""
    archive = Archive(settings.archive_url)
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        before = ledger.latest_delivery(conn, source.name)
        assert before is not None
        path = folder / "edited"
        with archive.open(before.sha256) as kept:
            path.write_bytes(edit(kept.read_bytes()))
        sha256 = sha256_of(path)
        assert sha256 != before.sha256
        archive.keep(path, sha256)
        facts = {
            "sha256": sha256,
            "size_bytes": path.stat().st_size,
            "url": before.url,
            "request_sha256": before.request_sha256,
            "etag": None,
            "last_modified": None,
            "watermark": None,
            "requests": 1,
            "retries": 0,
            "fetched_at": fetched_at,
        }
        ledger.record_delivery(conn, source.name, facts)
