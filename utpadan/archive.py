"""The archive: every byte that was ever delivered, under its sha256, at any fsspec URL.

Append-only: `keep` writes a delivery once and never again, nothing here changes or deletes.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

_BLOCK = 1 << 20


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

    def _place(self, sha256: str) -> tuple[fsspec.AbstractFileSystem, str]:
        files, root = fsspec.core.url_to_fs(self.url)
        return files, f"{root}/{sha256[:2]}/{sha256}"


def sha256_of(path: Path) -> str:
    """The hex sha256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_whole(source: Path, target: Path) -> None:
    """Copy so that `target` is never seen half written, also after a crash."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
        try:
            with source.open("rb") as original:
                while block := original.read(_BLOCK):
                    copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
            os.replace(copy.name, target)
        except BaseException:
            os.unlink(copy.name)
            raise
