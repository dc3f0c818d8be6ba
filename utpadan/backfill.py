"""Backfill: a delivery of earlier days takes its place in a source's history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import psycopg

from utpadan import ledger, nightly
from utpadan.archive import Archive, sha256_of
from utpadan.fetching import ledger_kept
from utpadan.ledger import Outcome
from utpadan.load import replay
from utpadan.settings import Settings
from utpadan.source import Source


class BackfillRefused(RuntimeError):
    """The file does not become a delivery of that moment; the message says why."""


def backfill(
    settings: Settings, sources: Mapping[str, Source], source: Source, file: Path, at: datetime
) -> list[Outcome]:
    """Archive the file, record it as fetched at that moment, and replay what it carries.

    All of it or nothing: a file that today's contract refuses is not recorded. Returns what the
    replay did with every delivery, nothing when the file is the delivery of that moment already.
    Raises BackfillRefused, LoadRefused, ArchiveError.
    """
    if source.delivery_source != source.name:
        raise BackfillRefused(
            f"{source.name} has no delivery of its own: backfill {source.delivery_source}, which "
            "carries it"
        )
    if not file.is_file():
        raise BackfillRefused(f"{file}: there is no such file")
    sha256, archive = sha256_of(file), Archive(settings.archive_url)
    archive.keep(file, sha256)
    carried = [other for other in sources.values() if other.delivery_source == source.name]
    outcomes: list[Outcome] = []
    with ledger_kept(settings, *carried) as conn:
        ledger.hold_fetching(conn, source.name)
        with conn.transaction():
            delivery_id = _record(conn, source.name, file, sha256, at)
            if delivery_id is None:
                return []
            for each in carried:
                outcomes += replay(conn, each, nightly.history(conn, each, archive))
            _require_taken(conn, delivery_id)
    return outcomes


def _record(
    conn: psycopg.Connection, source: str, file: Path, sha256: str, at: datetime
) -> int | None:
    """Write the delivery down; None when it is there already."""
    shown = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if conn.execute("select %s > clock_timestamp()", (at,)).fetchone() == (True,):
        raise BackfillRefused(f"{source}: {shown} is yet to come; --at is when it was known")
    known = ledger.deliveries(conn, source)
    there = next((delivery for delivery in known if delivery.fetched_at == at), None)
    if there is not None and there.sha256 == sha256:
        return None
    if there is not None:
        raise BackfillRefused(
            f"{source}: the delivery of {shown} has other bytes ({there.sha256}): say another "
            "moment with --at"
        )
    facts = {
        "sha256": sha256,
        "size_bytes": file.stat().st_size,
        "url": file.name,
        "request_sha256": "backfill",
        "etag": None,
        "last_modified": None,
        # Should this become the newest delivery, the portal is still asked from where it was.
        "watermark": next((d.watermark for d in reversed(known) if d.fetched_at < at), None),
        "requests": 0,
        "retries": 0,
        "fetched_at": at,
    }
    return ledger.record_delivery(conn, source, facts).delivery_id


def _require_taken(conn: psycopg.Connection, delivery_id: int) -> None:
    refused = conn.execute(
        "select source, message from ops.load where delivery_id = %s and status = 'refused'",
        (delivery_id,),
    ).fetchone()
    if refused is not None:
        raise BackfillRefused(f"{refused[0]}: {refused[1]}; nothing was recorded")
