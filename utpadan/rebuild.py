"""Rebuild: a lost warehouse from the archive alone, when there is no backup of the database.

The archive keeps, beside the bytes, a copy of each source's part of the ledger. Every load that
held is made again from its bytes, under its own id and time, so that staging, and all that is built
from it, is what it was. What gates judged and what was published is not in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg

from utpadan import ledger
from utpadan.archive import Archive, ArchiveError
from utpadan.backup import require_empty
from utpadan.ledger import Copy, Outcome
from utpadan.load import LoadRefused, rebuild
from utpadan.migrate import migrate
from utpadan.nightly import readings
from utpadan.settings import Settings
from utpadan.source import Source

NO_CONTRACT = "there is no contract of this name any more: its deliveries are on record, not read"


class RebuildError(RuntimeError):
    """The archive has no whole copy of the ledger; the message says what to do."""


@dataclass(frozen=True)
class Rebuilt:
    """What became of a source: its loads, or why they could not be made again."""

    source: str
    loads: list[Outcome] = field(default_factory=list)
    failure: str | None = None


def rebuild_all(settings: Settings, sources: Mapping[str, Source]) -> Iterator[Rebuilt]:
    """Write the ledger and staging of an empty warehouse from the archive, source by source.

    A source that fails holds back no other: its deliveries and loads are on record, and the next
    ingest replays them, when its contract or its bytes are mended. One that is cut off begins
    again, in an empty database. Raises BackupError when the warehouse is not empty, RebuildError.
    """
    require_empty(settings)
    archive = Archive(settings.archive_url)
    copies = {name: _read(archive, name, text) for name, text in archive.ledgers().items()}
    if not copies:
        raise RebuildError(f"{archive} has no copy of a ledger: is it the whole archive?")
    migrate(settings)
    with psycopg.connect(settings.admin_url) as conn:
        for copy in copies.values():
            ledger.take_deliveries(conn, copy)
        for copy in copies.values():
            ledger.take_settled_loads(conn, copy)
    for name, copy in copies.items():
        yield _rebuild(settings, archive, name, sources.get(name), copy)
    with psycopg.connect(settings.admin_url) as conn:
        ledger.continue_numbering(conn)


def _read(archive: Archive, name: str, document: bytes) -> Copy:
    try:
        return ledger.read_copy(document)
    except ValueError as error:
        raise RebuildError(
            f"{archive}: the ledger's copy of {name} is damaged ({error}); restore it from the "
            "backup of the archive, or remove it to go on without that source"
        ) from error


def _rebuild(
    settings: Settings, archive: Archive, name: str, source: Source | None, copy: Copy
) -> Rebuilt:
    held = ledger.held_loads(copy)
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        try:
            if source is None:
                raise LoadRefused(NO_CONTRACT)
            known = {d.delivery_id: d for d in ledger.deliveries(conn, source.delivery_source)}
            wanted = [known[delivery_id] for _, delivery_id in held]
            history = (
                (load_id, delivery, reading)
                for (load_id, _), (delivery, reading) in zip(
                    held, readings(conn, archive, source, wanted), strict=True
                )
            )
            return Rebuilt(name, rebuild(conn, source, history))
        except (LoadRefused, ArchiveError) as failure:
            ledger.take_held_loads(conn, copy)
            return Rebuilt(name, failure=str(failure))
