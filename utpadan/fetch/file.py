"""A file in the checkout, or at any fsspec URL."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import fsspec

from utpadan.fetch.delivery import Fetched, FetchError, sha256_of
from utpadan.source import CHECKOUT, FileFetch

_BLOCK = 1024 * 1024


def fetch_file(source: str, fetch: FileFetch, folder: Path) -> Fetched:
    """A local file stays where it is; a remote one comes to `folder`. Raises FetchError."""
    if "://" in fetch.path:
        return _remote(source, fetch.path, folder)
    path = CHECKOUT / fetch.path
    if not path.is_file():
        cause = "this is a folder" if path.is_dir() else "there is no such file"
        remedy = f"check `fetch.path` in source.yml; it is looked for below {CHECKOUT}"
        raise FetchError(source, fetch.path, cause, remedy)
    try:
        sha256 = sha256_of(path)
    except OSError as error:
        remedy = "make the file readable"
        raise FetchError(source, fetch.path, str(error.strerror), remedy) from error
    return Fetched(path, sha256, path.stat().st_size, fetch.path)


def _remote(source: str, url: str, folder: Path) -> Fetched:
    shown = re.sub(r"//[^/@\s]*@|\?.*", lambda found: found.group()[:2], url)
    target = folder / Path(url.split("?")[0]).name
    digest = hashlib.sha256()
    try:
        with fsspec.open(url, "rb") as there, target.open("wb") as here:
            while block := there.read(_BLOCK):
                digest.update(block)
                here.write(block)
    except FileNotFoundError as error:
        remedy = "check `fetch.path` in source.yml"
        raise FetchError(source, shown, "there is no such file", remedy) from error
    except (ImportError, OSError, ValueError) as error:
        cause = f"{type(error).__name__}: {str(error).replace(url, shown)}"
        remedy = "check the address, its credentials and its fsspec package"
        raise FetchError(source, shown, cause, remedy) from error
    return Fetched(target, digest.hexdigest(), target.stat().st_size, shown)
