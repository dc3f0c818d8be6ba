"""The archive: every byte that was ever delivered, under its sha256, at any fsspec URL.

Append-only: `keep` writes a delivery once and never again, nothing here changes or deletes one.
Only the copies of the ledger, one a source, are written anew: they say what the bytes are.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from utpadan.scratch import scratch, sweep
from utpadan.settings import without_secrets

_BLOCK = 1 << 20
_LEDGER = "ledger"
"""The folder of the ledger's copies; no sha256 begins like this."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ArchiveError(RuntimeError):
    """The archive cannot give or take bytes; the message names them and says what to do."""


@dataclass(frozen=True)
class Archive:
    """The archive at `url`: a folder (file:///...) or a bucket (s3://..., gs://..., ...)."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        return without_secrets(self.url)

    def keep(self, path: Path, sha256: str) -> None:
        """Copy the file's bytes into the archive unless they are there already.

        What is there at another length is the remains of a store that broke off, and replaced.
        Raises ArchiveError when they are no longer those of the hash: somebody writes the file.
        """
        files, place = self._place(sha256)
        self._sweep(files)
        if files.exists(place) and files.size(place) == path.stat().st_size:
            return
        files.makedirs(files._parent(place), exist_ok=True)
        if isinstance(files, LocalFileSystem):
            _write_whole(_blocks(path, sha256), Path(place))
            return
        with scratch() as folder:
            copy = folder / "copy"
            with copy.open("wb") as file:
                file.writelines(_blocks(path, sha256))
            files.put_file(str(copy), place)

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
            raise ArchiveError(f"{self} has no {sha256}; restore the archive from its backup")
        with _local(files, place) as local:
            if sha256_of(local) != sha256:
                raise ArchiveError(
                    f"{self}: the bytes of {sha256} are damaged; restore them from the backup"
                )
            yield local

    def keep_ledger(self, source: str, document: bytes) -> None:
        """Keep the source's part of the ledger, in place of the one before if that differs."""
        files, root = self._root()
        place = f"{root}/{_LEDGER}/{source}.json"
        self._sweep(files)
        if files.exists(place) and files.cat_file(place) == document:
            return
        files.makedirs(files._parent(place), exist_ok=True)
        if isinstance(files, LocalFileSystem):
            _write_whole([document], Path(place))
        else:
            files.pipe_file(place, document)

    def ledgers(self) -> dict[str, bytes]:
        """The kept parts of the ledger, by source."""
        files, root = self._root()
        kept = files.glob(f"{root}/{_LEDGER}/*.json")
        return {Path(place).stem: files.cat_file(place) for place in sorted(kept)}

    def holds(self) -> set[str]:
        """The sha256 of everything that is there; what killed processes left half written goes."""
        files, root = self._root()
        self._sweep(files)
        if not files.exists(root):
            return set()
        names = (str(place).rpartition("/")[2] for place in files.find(root))
        return {name for name in names if _SHA256.fullmatch(name)}

    def _sweep(self, files: fsspec.AbstractFileSystem) -> None:
        if isinstance(files, LocalFileSystem):
            sweep(Path(files._strip_protocol(self.url)))

    def _place(self, sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
        files, root = self._root()
        return files, f"{root}/{sha256[:2]}/{sha256}"

    def _root(self) -> tuple[fsspec.AbstractFileSystem, str]:
        try:
            files, root = fsspec.core.url_to_fs(self.url)
        except (ImportError, OSError, ValueError) as error:
            cause = f"{type(error).__name__}: {str(error).replace(self.url, str(self))}"
            raise ArchiveError(
                f"{self}: {cause}; check UTPADAN_ARCHIVE_URL and the package of its protocol"
            ) from None
        return files, root


def sha256_of(path: Path) -> str:
    """The hex sha256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _local(files: fsspec.AbstractFileSystem, place: str) -> Iterator[Path]:
    if isinstance(files, LocalFileSystem):
        yield Path(place)
        return
    with scratch() as folder:
        local = folder / "delivery"
        files.get_file(place, str(local))
        yield local


def _blocks(source: Path, sha256: str) -> Iterator[bytes]:
    """The file's bytes; raises ArchiveError at their end when they are not those of the hash."""
    digest = hashlib.sha256()
    with source.open("rb") as original:
        while block := original.read(_BLOCK):
            digest.update(block)
            yield block
    if digest.hexdigest() != sha256:
        raise ArchiveError(
            f"{source} changed while it was read; fetch it again when it is written whole, or have "
            "it written under another name and renamed"
        )


def _write_whole(blocks: Iterable[bytes], target: Path) -> None:
    """Write so that `target` is never seen half written and, once it is there, stays there."""
    archive = target.parent.parent
    with scratch(archive) as folder:
        written = folder / "copy"
        written.touch(mode=0o600)
        with written.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        os.replace(written, target)
    for changed in (target.parent, archive):
        _sync_names(changed)


def _sync_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
