"""A file that somebody writes while it is read: no bytes go under a name that is not theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from loading import contract

from utpadan import nightly
from utpadan.archive import Archive, ArchiveError, sha256_of
from utpadan.fetch import fetch
from utpadan.settings import Settings
from utpadan.source import Source

HEADER = b"year,value\n"
COLUMNS = {"year": {"type": "text", "required": True}, "value": {"type": "integer"}}


def source_of(path: Path) -> Source:
    return contract(COLUMNS, fetch={"kind": "file", "path": str(path)}, rows=WIDE)


WIDE = {"min": 1, "max": 10**9, "max_change": 1}


def kept(archive: Path) -> list[Path]:
    return [path for path in archive.glob("??/*") if path.is_file()]


@pytest.mark.parametrize("url", ["file://{}/archive", "memory://growing/{}"])
def test_bytes_that_changed_after_they_were_hashed_are_not_archived(
    tmp_path: Path, url: str
) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(HEADER + b"2023-24,1\n")
    archive = Archive(url.format(tmp_path))
    fetched = fetch(source_of(path), None, None, tmp_path)
    assert fetched is not None
    with path.open("ab") as file:
        file.write(b"2024-25,2\n")
    with pytest.raises(ArchiveError, match=r"figures\.csv changed while it was read; fetch it ag"):
        archive.keep(fetched.path, fetched.sha256)
    assert not archive.has(fetched.sha256)
    assert kept(tmp_path / "archive") == []
    whole = sha256_of(path)
    archive.keep(path, whole)
    with archive.open(whole) as copy:
        assert copy.read_bytes() == HEADER + b"2023-24,1\n2024-25,2\n"


@contextmanager
def writing(path: Path) -> Iterator[threading.Event]:
    """Somebody who appends to the file without pause; the event says that it has begun."""
    begun, enough = threading.Event(), threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not enough.is_set():
                file.write(b"2024-25,2\n")
                begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield begun
    finally:
        enough.set()
        thread.join()


def test_a_file_that_grows_during_the_fetch_fails_with_the_cause_and_comes_whole_the_next_time(
    shared_warehouse: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(HEADER + b"2023-24,1\n" * 6_000_000)
    source = source_of(path)
    with writing(path) as begun:
        begun.wait(60)
        failed = nightly.pull(shared_warehouse, [source]).failed
    assert "changed while it was read" in failed[source.name]
    assert kept(Path(shared_warehouse.archive_url.removeprefix("file://"))) == []
    with psycopg.connect(shared_warehouse.loader_url) as conn:
        assert conn.execute("select source, message from ops.fetch_error").fetchall() == [
            (source.name, failed[source.name])
        ]
    assert nightly.pull(shared_warehouse, [source]).to_load == [source.name]
    assert Archive(shared_warehouse.archive_url).has(sha256_of(path))
