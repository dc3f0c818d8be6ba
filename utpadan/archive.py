"""The archive: every byte that was ever delivered, under its sha256, at any fsspec URL.

Append-only: `keep` writes a delivery once and never again, nothing here changes or deletes. Only
the copies of the ledger, one a source, are written anew: they say what the bytes are.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

_BLOCK = 1 << 20
_LEDGER = "ledger"
"""The folder of the ledger's copies; no sha256 begins like this."""


class ArchiveError(RuntimeError):
    """The archive cannot give or take bytes; the message names them and says what to do."""


@dataclass(frozen=True)
class Archive:
    """The archive at `url`: a folder (file:///...) or a bucket (s3://..., gs://..., ...)."""

    url: str

    def keep(self, path: Path, sha256: str) -> None:
        """Copy the file's bytes into the archive unless they are there already."""
        files, place = self._place(sha256)
        if files.exists(place):
            return
        files.makedirs(files._parent(place), exist_ok=True)
        if isinstance(files, LocalFileSystem):
            _copy_whole(path, Path(place))
        else:
            files.put_file(str(path), place)

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        files, place = self._place(sha256)
        return bool(files.exists(place))

    @contextmanager
    def open(self, sha256: str) -> Iterator[Path]:
        """The bytes as a local file, for the time of the context.

        Raises ArchiveError when they are not there, or are not what their name says.
        """
        files, place = self._place(sha256)
        if not files.exists(place):
            raise ArchiveError(f"{self.url} has no {sha256}; restore the archive from its backup")
        with tempfile.TemporaryDirectory(prefix="utpadan-") as folder:
            if isinstance(files, LocalFileSystem):
                local = Path(place)
            else:
                local = Path(folder) / sha256
                files.get_file(place, str(local))
            if sha256_of(local) != sha256:
                raise ArchiveError(
                    f"{self.url}: the bytes of {sha256} are damaged; restore them from the backup"
                )
            yield local

    def keep_ledger(self, source: str, document: bytes) -> None:
        """Keep the source's part of the ledger, in place of the one before if that differs."""
        files, root = fsspec.core.url_to_fs(self.url)
        place = f"{root}/{_LEDGER}/{source}.json"
        if files.exists(place) and files.cat_file(place) == document:
            return
        files.makedirs(files._parent(place), exist_ok=True)
        if isinstance(files, LocalFileSystem):
            _write_whole(iter([document]), Path(place))
        else:
            files.pipe_file(place, document)

    def ledgers(self) -> dict[str, bytes]:
        """The kept parts of the ledger, by source."""
        files, root = fsspec.core.url_to_fs(self.url)
        kept = files.glob(f"{root}/{_LEDGER}/*.json")
        return {Path(place).stem: files.cat_file(place) for place in sorted(kept)}

    def _place(self, sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
        files, root = fsspec.core.url_to_fs(self.url)
        return files, f"{root}/{sha256[:2]}/{sha256}"


def sha256_of(path: Path) -> str:
    """The hex sha256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is never seen half written, also after a crash."""
    with source.open("rb") as original:
        _write_whole(iter(partial(original.read, _BLOCK), b""), target)


def _write_whole(blocks: Iterator[bytes], target: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
        try:
            for block in blocks:
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
            os.replace(copy.name, target)
        except BaseException:
            os.unlink(copy.name)
            raise
