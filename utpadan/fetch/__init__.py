"""Fetching: a source's delivery from its portal or file, as bytes on disk.

Nothing is interpreted beyond what it takes to know that the delivery is whole: a body that is cut
off, a web page in place of data, pages that repeat or change on the way never leave this package.
"""

from __future__ import annotations

from pathlib import Path

from utpadan.fetch.client import Client
from utpadan.fetch.delivery import Endpoint, Fetched, FetchError, NothingNew, Patience, Previous
from utpadan.fetch.file import fetch_file
from utpadan.fetch.portal import PortalFetch
from utpadan.source import FileFetch, HttpFetch, Source

__all__ = ["Endpoint", "FetchError", "Fetched", "NothingNew", "Patience", "Previous", "fetch"]

_PATIENCE = Patience()


def fetch(
    source: Source,
    previous: Previous | None,
    endpoint: Endpoint | None,
    folder: Path,
    patience: Patience = _PATIENCE,
) -> Fetched | NothingNew:
    """Fetch one delivery, or hear that there is nothing new (304, or an increment of no records).

    `previous` is what the delivery before left behind. `endpoint` overrides the contract's
    `base_url` and brings the secret. Files are written below `folder`; a local file is not copied,
    its own path is returned. Raises FetchError.
    """
    how = source.fetch
    if isinstance(how, FileFetch):
        return fetch_file(source.name, how, folder)
    if isinstance(how, HttpFetch):
        with Client(source.name, how, endpoint, patience) as client:
            return PortalFetch(client, source, how, previous or Previous(), folder).run()
    cause = f"it has no delivery of its own, that of {how.source} carries it"
    raise FetchError(source.name, "fetch: same_as", cause, f"fetch {how.source}")
