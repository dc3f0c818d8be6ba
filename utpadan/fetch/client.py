"""Asking one portal over HTTP: with its secret, at its pace, again when it stumbles."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from urllib.parse import quote, quote_plus
from urllib.request import getproxies, proxy_bypass

import httpx

from utpadan.fetch.address import is_loopback, is_same_place, port_of, shown
from utpadan.fetch.answer import Answer, Wanted, read_answer
from utpadan.fetch.delivery import Endpoint, FetchError, Patience
from utpadan.fetch.network import BROKEN, Network, Transport
from utpadan.fetch.trouble import Passing, Refused
from utpadan.fetch.unpack import ACCEPTED
from utpadan.source import HttpFetch

for _name in ("httpx", "httpcore"):  # they log every URL, with its secrets
    logging.getLogger(_name).setLevel(logging.WARNING)

_REDIRECTS = 5
_DICE = random.SystemRandom()


class Client:
    """One fetch from one portal. Counts `requests` (all that were sent), `retries` in them, and the
    bytes `received`, of which the contract allows `max_bytes`.

    It speaks to the host and port of the address it was given and to no other. That may be in a
    private network when the operator's connection names it and the contract does not.
    """

    def __init__(
        self, source: str, fetch: HttpFetch, endpoint: Endpoint | None, patience: Patience
    ) -> None:
        self._source = source
        self._fetch = fetch
        self._secret = endpoint.secret if endpoint else None
        self._patience = patience
        self.requests = 0
        self.retries = 0
        self.received = 0
        self._started = monotonic()
        self._deadline = self._started + patience.total_s
        self._next_at = 0.0
        self._base = self._checked(endpoint.base_url if endpoint else fetch.base_url)
        self._http = httpx.Client(
            transport=self._transport(),
            timeout=patience.answer_s,
            headers={
                "User-Agent": "utpadan",
                "Accept-Encoding": ACCEPTED,
                **self._secret_header(),
            },
        )

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
            target = url.join(link.strip()).copy_with(fragment=None, userinfo=b"")
        except httpx.InvalidURL as error:
            cause = f"it links to {link[:200]!r}: {error}"
            raise self.error(url, cause, "tell the portal") from None
        if is_same_place(url, target):
            return target
        cause = f"it leads to another server, {self.shown(target)}"
        remedy = f"if that is right, point the connection {self._fetch.connection} there"
        raise self.error(url, cause, remedy)

    def error(
        self, url: httpx.URL, cause: str, remedy: str, status: int | None = None
    ) -> FetchError:
        """The error for people, without the secret, also where the portal repeats it."""
        for secret in self._spellings():
            cause = cause.replace(secret, "***")
        failed = FetchError(self._source, f"GET {self.shown(url)}", cause, remedy, status)
        failed.requests, failed.retries, failed.seconds = self.requests, self.retries, self.seconds
        return failed

    @property
    def seconds(self) -> float:
        """How long the fetch has taken until now."""
        return round(monotonic() - self._started, 3)

    def get(
        self,
        url: httpx.URL,
        target: Path,
        wanted: Wanted,
        conditions: Mapping[str, str] | None = None,
    ) -> Answer:
        """Fetch into the file `target`, trying again what may pass.

        `conditions` are the headers that allow the answer 304. Raises FetchError, which has no
        cause: what it would show may hold the secret.
        """
        limit = min(wanted.limit, self._fetch.max_bytes - self.received)
        wanted, attempt = replace(wanted, limit=limit), 0
        while True:
            attempt += 1
            try:
                answer = self._follow_redirects(url, target, wanted, conditions or {})
                self.received += answer.size
                return answer
            except Passing as trouble:
                self._pause(url, attempt, trouble)
            except Refused as refused:
                remedy = refused.remedy.format(connection=self._fetch.connection)
                raise self.error(url, str(refused), remedy, refused.status) from None

    def _follow_redirects(
        self, url: httpx.URL, target: Path, wanted: Wanted, conditions: Mapping[str, str]
    ) -> Answer:
        for _ in range(_REDIRECTS + 1):
            with self._send(url, conditions) as response:
                if not response.has_redirect_location:
                    return read_answer(response, url, target, wanted, self._deadline)
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
        except BROKEN as error:
            raise Passing(_explained(error, self._patience.answer_s)) from None
        except OSError as error:
            remedy = "see that the disk has room: TMPDIR names the place"
            raise Refused(f"the body cannot be kept: {error}", remedy) from None

    def _wait_for_turn(self) -> None:
        if max(self._next_at, monotonic()) > self._deadline:
            cause = f"the time for one fetch, {self._patience.total_s:,.0f} s, is over"
            raise Refused(cause, "try again later")
        sleep(max(0.0, self._next_at - monotonic()))
        self._next_at = monotonic() + 1 / self._fetch.requests_per_second

    def _pause(self, url: httpx.URL, attempt: int, trouble: Passing) -> None:
        """Wait before the next try, or raise FetchError when patience is at its end."""
        doubled = self._patience.pause_s * 2 ** (attempt - 1) * _DICE.uniform(0.75, 1.25)
        pause = min(max(doubled, trouble.pause_s), self._patience.longest_pause_s)
        if attempt >= self._patience.tries or monotonic() + pause > self._deadline:
            cause = f"{trouble} (tried {attempt} times, {self.seconds:,.0f} s in all)"
            raise self.error(url, cause, "try again later", trouble.status) from None
        sleep(pause)
        self.retries += 1

    def _transport(self) -> Transport:
        """Through the proxy that the environment names; never to reach this machine."""
        scheme, host = self._base.scheme, self._base.host
        proxies = {} if is_loopback(self._base) or proxy_bypass(host) else getproxies()
        named = proxies.get(scheme) or proxies.get("all")
        if named:
            proxy = _http_proxy(named)
            if proxy is None:
                cause = "the proxy that the environment names is no HTTP proxy"
                raise self.error(self._base, cause, f"see {scheme.upper()}_PROXY and NO_PROXY")
            own = (proxy.url.host, port_of(proxy.url))
            return Transport(Network(own, self._deadline), proxy)
        is_own = host != httpx.URL(self._fetch.base_url).host
        return Transport(Network((host, port_of(self._base)) if is_own else None, self._deadline))

    def _spellings(self) -> set[str]:
        """The secret as it is, and as addresses write it."""
        secret = self._secret or ""
        return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)} - {""}

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

    def _checked(self, text: str) -> httpx.URL:
        """Refuse what would fail with a message that shows the secret, or in a hundred ways."""
        place = f"set the connection {self._fetch.connection}"
        try:
            base = httpx.URL(text)
        except httpx.InvalidURL as error:
            cause = f"its address cannot be read: {error}"
            raise FetchError(self._source, "GET", cause, place) from None
        if base.scheme not in ("http", "https") or not base.host:
            raise self.error(base, "this is no HTTP address", place)
        if self._fetch.auth and not self._secret:
            raise self.error(base, "the portal asks for a secret and none is set", place)
        if self._secret and not (self._secret.isascii() and self._secret.isprintable()):
            raise self.error(base, "the secret has characters no header may have", place)
        return base


def _http_proxy(named: str) -> httpx.Proxy | None:
    try:
        proxy = httpx.Proxy(named if "://" in named else f"http://{named}")
    except (ValueError, httpx.InvalidURL):
        return None
    return proxy if proxy.url.scheme in ("http", "https") else None


_WORDS = {
    "ConnectError": "no connection",
    "ConnectTimeout": "no connection in time",
    "ReadTimeout": "it fell silent for {answer_s:g} s, or the time for the fetch is over",
    "WriteTimeout": "it does not take the request",
    "ReadError": "the connection broke",
    "RemoteProtocolError": "the answer was cut off, or is no HTTP",
}


def _explained(error: Exception, answer_s: float) -> str:
    """What went wrong on the way, in words, with the error's own."""
    name = type(error).__name__
    words = _WORDS.get(name, "trouble on the way").format(answer_s=answer_s)
    return f"{words} ({name}: {error})"
