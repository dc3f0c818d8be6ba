"""Asking one portal over HTTP: with its secret, at its pace, again when it stumbles."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType

import httpx

from utpadan.fetch.address import is_loopback, is_same_place, shown
from utpadan.fetch.answer import Answer, Passing, Refused, read_answer
from utpadan.fetch.delivery import Endpoint, FetchError, Patience
from utpadan.source import HttpFetch

for _name in ("httpx", "httpcore"):  # they log every URL, with its secrets
    logging.getLogger(_name).setLevel(logging.WARNING)

_REDIRECTS = 5
_DICE = random.SystemRandom()


class Client:
    """One fetch from one portal. Counts `requests` (all that were sent) and `retries` in them."""

    def __init__(
        self, source: str, fetch: HttpFetch, endpoint: Endpoint | None, patience: Patience
    ) -> None:
        self._source = source
        self._fetch = fetch
        self._secret = endpoint.secret if endpoint else None
        self._patience = patience
        self._base = httpx.URL(endpoint.base_url if endpoint else fetch.base_url)
        self._check()
        self._http = httpx.Client(
            timeout=patience.answer_s,
            trust_env=not is_loopback(self._base),  # no proxy to reach this machine
            headers={"User-Agent": "utpadan", **self._secret_header()},
        )
        self._deadline = monotonic() + patience.total_s
        self._next_at = 0.0
        self.requests = 0
        self.retries = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._http.close()

    def address(self, params: Mapping[str, str]) -> httpx.URL:
        """The contract's path on this portal, with these parameters."""
        path = f"{str(self._base).rstrip('/')}/{self._fetch.path.lstrip('/')}"
        return httpx.URL(path).copy_merge_params(dict(params))

    def shown(self, url: httpx.URL) -> str:
        """The address for people, without the secret."""
        return shown(url, self._query_name)

    def follow(self, url: httpx.URL, link: str) -> httpx.URL:
        """Where a link on the page `url` leads; FetchError when that is another server."""
        try:
            target = url.join(link.strip()).copy_with(fragment=None)
        except httpx.InvalidURL as error:
            raise self.error(url, f"it links to {link!r}: {error}", "tell the portal") from error
        if is_same_place(url, target):
            return target
        cause = f"it leads to another server, {self.shown(target)}"
        raise self.error(url, cause, "if that is right, point the connection there")

    def error(
        self, url: httpx.URL, cause: str, remedy: str, status: int | None = None
    ) -> FetchError:
        """The error for people, without the secret."""
        cause = cause.replace(self._secret, "***") if self._secret else cause
        return FetchError(self._source, f"GET {self.shown(url)}", cause, remedy, status)

    def get(
        self,
        url: httpx.URL,
        target: Path,
        wanted: str,
        conditions: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Answer:
        """Fetch into the file `target`, trying again what may pass.

        `wanted` is csv, html, json, xlsx or xml: a web page in its place is an error, and so is a
        body of more than `limit` bytes. `conditions` are the headers that allow the answer 304.
        Raises FetchError.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._follow_redirects(url, target, wanted, conditions or {}, limit)
            except Passing as trouble:
                self._pause(url, attempt, trouble)
            except Refused as refused:
                remedy = refused.remedy.format(connection=self._fetch.connection)
                raise self.error(url, str(refused), remedy, refused.status) from refused

    def _follow_redirects(
        self,
        url: httpx.URL,
        target: Path,
        wanted: str,
        conditions: Mapping[str, str],
        limit: int | None,
    ) -> Answer:
        for _ in range(_REDIRECTS + 1):
            with self._send(url, conditions) as response:
                if not response.has_redirect_location:
                    return read_answer(response, url, target, wanted, limit, self._deadline)
                url = self.follow(url, response.headers["Location"])
        raise Refused(f"it redirects more than {_REDIRECTS} times", "tell the portal")

    @contextmanager
    def _send(self, url: httpx.URL, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        self._wait_for_turn()
        self.requests += 1
        if self._query_name and self._secret:
            url = url.copy_set_param(self._query_name, self._secret)
        try:
            with self._http.stream("GET", url, headers=dict(headers)) as response:
                yield response
        except httpx.UnsupportedProtocol as error:
            raise Refused(str(error), "check the address of the connection {connection}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Passing(f"{type(error).__name__}: {error}") from error

    def _wait_for_turn(self) -> None:
        sleep(max(0.0, self._next_at - monotonic()))
        self._next_at = monotonic() + 1 / self._fetch.requests_per_second

    def _pause(self, url: httpx.URL, attempt: int, trouble: Passing) -> None:
        """Wait before the next try, or raise FetchError when patience is at its end."""
        doubled = self._patience.pause_s * 2 ** (attempt - 1) * _DICE.uniform(0.75, 1.25)
        pause = min(max(doubled, trouble.pause_s), self._patience.longest_pause_s)
        if attempt >= self._patience.tries or monotonic() + pause > self._deadline:
            cause = f"{trouble} (tried {attempt} times)"
            raise self.error(url, cause, "try again later", trouble.status) from trouble
        sleep(pause)
        self.retries += 1

    @property
    def _query_name(self) -> str:
        auth = self._fetch.auth
        return auth.name if auth and auth.place == "query" else ""

    def _secret_header(self) -> dict[str, str]:
        auth = self._fetch.auth
        if auth is None or not self._secret or auth.place == "query":
            return {}
        value = f"Bearer {self._secret}" if auth.place == "bearer" else self._secret
        return {auth.name: value}

    def _check(self) -> None:
        """Refuse what would fail with a message that shows the secret, or in a hundred ways."""
        place = f"set the connection {self._fetch.connection}"
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise self.error(self._base, "this is no HTTP address", place)
        if self._fetch.auth and not self._secret:
            raise self.error(self._base, "the portal asks for a secret and none is set", place)
        if self._secret and not (self._secret.isascii() and self._secret.isprintable()):
            raise self.error(self._base, "the secret has characters no header may have", place)
