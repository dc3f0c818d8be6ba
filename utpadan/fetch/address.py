"""Addresses: which belong to one portal, and how they are shown without their secrets."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlencode

import httpx

_SECRET_NAME = re.compile(r"key|token|secret|passw|signature|credential|auth", re.IGNORECASE)


def shown(url: httpx.URL, secret_name: str = "") -> str:  # nosec B107 # a parameter's name
    """The address for people: no user, no password, and `***` for what may be a secret."""
    pairs = [
        (name, "***" if name == secret_name or _SECRET_NAME.search(name) else value)
        for name, value in url.params.multi_items()
    ]
    port = f":{url.port}" if url.port else ""
    query = f"?{urlencode(pairs, safe='*:/,;')}" if pairs else ""
    return f"{url.scheme}://{url.host}{port}{url.path}{query}"


def is_same_place(url: httpx.URL, other: httpx.URL) -> bool:
    """Whether both are one server: same host and port, or its own step from http to https."""
    if url.host != other.host:
        return False
    upgrade = (url.scheme, _port(url), other.scheme, _port(other)) == ("http", 80, "https", 443)
    return upgrade or (url.scheme, _port(url)) == (other.scheme, _port(other))


def is_loopback(url: httpx.URL) -> bool:
    """Whether the host is this machine."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return False


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
