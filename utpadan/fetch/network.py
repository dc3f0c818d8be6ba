"""Connections of one fetch: to addresses a portal may have, and for no longer than it may take.

A name is resolved once for each connection, what it resolves to is judged, and that address is
connected to: nobody can change it between the judgement and the use. Host header, SNI and
certificate keep the name. The time left bounds every wait, name lookups and handshakes included.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import httpcore
import httpx

from utpadan.fetch.address import Address, address_of, place_of
from utpadan.fetch.trouble import Refused

BROKEN = (
    httpx.TransportError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
)
"""What may go wrong on the way; of httpx and httpcore, whose names for it are the same."""

_SHORTEST_S = 0.001
_PRIVATE = "if that is right, set the connection {connection} to that address"
_NEVER = "no portal has such an address: tell the portal, and whoever runs its domain names"
_CERTIFICATE = (
    "tell the portal; a certificate of your own authority is trusted by way of SSL_CERT_FILE"
)

_Options = Iterable[Any] | None


class Network(httpcore.NetworkBackend):
    """Opens connections until `deadline`; into private networks only to the host and port `own`."""

    def __init__(self, own: tuple[str, int] | None, deadline: float) -> None:
        self._own = own
        self._deadline = deadline
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers. Raises Refused for a wrong one."""
        found = _resolve(host, port, self.left(timeout))
        for address in found:
            self._judge(host, port, address)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in found:
            try:
                stream = self._tcp.connect_tcp(
                    str(address), port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure

    def left(self, timeout: float | None) -> float:
        """The seconds that a wait may take."""
        rest = max(self._deadline - monotonic(), _SHORTEST_S)
        return rest if timeout is None else min(rest, timeout)

    def _judge(self, host: str, port: int, address: Address) -> None:
        place = place_of(address)
        if place == "public" or (place == "private" and (host, port) == self._own):
            return
        named = host if host == str(address) else f"{host} is {address}, and that"
        cause = f"{named} is no public address (a {place} one)"
        raise Refused(cause, _PRIVATE if place == "private" else _NEVER)


class Transport(httpx.BaseTransport):
    """httpx over a Network; through the operator's proxy, where there is one, which then judges."""

    def __init__(self, network: Network, proxy: httpx.Proxy | None = None) -> None:
        self._pool = (
            httpcore.ConnectionPool(network_backend=network)
            if proxy is None
            else httpcore.HTTPProxy(
                str(proxy.url), proxy_auth=proxy.raw_auth, network_backend=network
            )
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it and return the answer, its body unread."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method, url, headers=request.headers.raw, extensions=request.extensions
        )
        answer = self._pool.handle_request(sent)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends when the fetch must."""

    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Encrypt the connection. Raises Refused for a certificate that is not valid."""
        try:
            wrapped = self._stream.start_tls(
                ssl_context, server_hostname, self._network.left(timeout)
            )
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                cause = f"its certificate is not valid: {error.__cause__.verify_message}"
                raise Refused(cause, _CERTIFICATE) from None
            raise
        return _Stream(wrapped, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, seconds: float) -> list[IPv4Address | IPv6Address]:
    """The host's addresses, each once; looked up aside, since a lookup takes as long as it likes.

    A host written as a number, however it is spelled, is looked up too and so judged by its value.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            answers.put([str(place[0]) for *_, place in found])

    Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise httpcore.ConnectTimeout(f"the name {host} is not resolved") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError(f"the name {host} is not resolved: {answer}") from answer
    return [address_of(text) for text in dict.fromkeys(answer)]
