"""A file: of the checkout, elsewhere on this machine, or in an object store.

A contract is reviewed, so what it names is meant. What is refused is a path that leads elsewhere
than it reads: out of its folder by `..` or by a link, into what the system makes up, or by a
protocol that fetches from anywhere, as HTTP does: that is `kind: http`, which judges addresses.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from time import monotonic
from urllib.parse import unquote, urlsplit

import fsspec

from utpadan.fetch.delivery import Fetched, FetchError, sha256_of
from utpadan.source import CHECKOUT, FileFetch

STORES = frozenset({"s3", "gs", "gcs", "abfs", "abfss", "az"})
"""Protocols of fsspec that a contract may name: object stores, opened by the machine's own keys."""

_BLOCK = 1024 * 1024
_MADE_UP = tuple(Path(folder) for folder in ("/proc", "/sys", "/dev", "/run"))


def fetch_file(source: str, fetch: FileFetch, folder: Path) -> Fetched:
    """A local file stays where it is; a remote one comes to `folder`. Raises FetchError."""
    started = monotonic()
    parts = urlsplit(fetch.path)
    if "://" in fetch.path and parts.scheme != "file":
        return _remote(source, fetch, folder, started)
    if parts.scheme == "file" and parts.netloc:
        cause = f"this names the host {parts.netloc!r}"
        raise FetchError(source, fetch.path, cause, "write file:///path, with three slashes")
    path = _local(source, unquote(parts.path) if parts.scheme == "file" else fetch.path)
    try:
        before = path.stat()
        sha256 = sha256_of(path)
        after = path.stat()
    except OSError as error:
        remedy = "make the file readable"
        raise FetchError(source, fetch.path, str(error.strerror), remedy) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        cause = f"the file changed while it was read, from {before.st_size:,} bytes to "
        remedy = "fetch it again when it is written whole, or have it written under another name"
        raise FetchError(source, fetch.path, f"{cause}{after.st_size:,}", f"{remedy} and renamed")
    seconds = round(monotonic() - started, 3)
    return Fetched(path, sha256, after.st_size, fetch.path, seconds=seconds)


def _local(source: str, named: str) -> Path:
    """The file itself, when it is one and lies where its path says."""
    path = CHECKOUT / named
    if not path.is_file():
        cause = "this is a folder" if path.is_dir() else "there is no such file"
        remedy = f"check `fetch.path` in source.yml; it is looked for below {CHECKOUT}"
        raise FetchError(source, named, cause, remedy)
    home = (path.parent if Path(named).is_absolute() else CHECKOUT).resolve()
    real = path.resolve()
    if ".." in Path(named).parts or not real.is_relative_to(home):
        cause = f"it leads out of {home}, to {real}"
        raise FetchError(source, named, cause, "name the file itself, by its absolute path")
    if any(real.is_relative_to(made_up) for made_up in _MADE_UP):
        cause = "this is no file but a view of the system"
        raise FetchError(source, named, cause, "check `fetch.path` in source.yml")
    return path


def _remote(source: str, fetch: FileFetch, folder: Path, started: float) -> Fetched:
    url = fetch.path
    shown = re.sub(r"//[^/@\s]*@", "//", url).partition("?")[0]
    scheme = url.partition("://")[0]
    if scheme not in STORES:
        cause = f"files are not fetched by {scheme!r}, only from {', '.join(sorted(STORES))}"
        raise FetchError(source, shown, cause, "for a web server, write `kind: http`")
    target = folder / Path(url.split("?")[0]).name
    try:
        sha256, size = _brought(source, fetch, shown, target)
    except FileNotFoundError as error:
        remedy = "check `fetch.path` in source.yml"
        raise FetchError(source, shown, "there is no such file", remedy) from error
    except (ImportError, OSError, ValueError) as error:
        cause = f"{type(error).__name__}: {str(error).replace(url, shown)}"
        remedy = "check the address, its credentials and its fsspec package"
        raise FetchError(source, shown, cause, remedy) from None
    seconds = round(monotonic() - started, 3)
    return Fetched(target, sha256, size, shown, requests=1, seconds=seconds)


def _brought(source: str, fetch: FileFetch, shown: str, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with fsspec.open(fetch.path, "rb") as there, target.open("wb") as here:
        while block := there.read(_BLOCK):
            size += len(block)
            if size > fetch.max_bytes:
                cause = f"it has more than {fetch.max_bytes:,} bytes"
                raise FetchError(source, shown, cause, "look at it; `fetch.max_bytes` allows more")
            digest.update(block)
            here.write(block)
    return digest.hexdigest(), size
