"""Addresses: which belong to one portal, which a portal may have, how they are shown."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal
from urllib.parse import urlencode

import httpx

Address = IPv4Address | IPv6Address
Place = Literal["public", "private", "reserved"]

_SECRET_NAME = re.compile(r"key|token|secret|passw|signature|credential|auth", re.IGNORECASE)

_PRIVATE = [
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
        *("fc00::/7", "::1/128"),
    )
]
_RESERVED = [
    ip_network(text)
    for text in (
        *("192.0.0.0/24", "168.63.129.16", "100.100.100.200"),
        *("fd00:ec2::254", "fd20:ce::254"),
    )
]
"""Where clouds tell a machine its secrets, beside the link-local 169.254.169.254."""

_NAT64 = ip_network("64:ff9b::/96")


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
    upgrade = (url.scheme, port_of(url), other.scheme, port_of(other)) == ("http", 80, "https", 443)
    return upgrade or (url.scheme, port_of(url)) == (other.scheme, port_of(other))


def is_loopback(url: httpx.URL) -> bool:
    """Whether the host is this machine."""
    if url.host == "localhost":
        return True
    try:
        return ip_address(url.host).is_loopback
    except ValueError:
        return False


def port_of(url: httpx.URL) -> int:
    """The port, also where the address leaves it out; 0 for a scheme that is not HTTP."""
    return url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def address_of(text: str) -> Address:
    """The address as it is connected to: an IPv4 one that IPv6 wraps is that IPv4 one."""
    address = ip_address(text)
    if not isinstance(address, IPv6Address):
        return address
    wrapped = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        wrapped = IPv4Address(int(address) & 0xFFFF_FFFF)
    return wrapped or address


def place_of(address: Address) -> Place:
    """Where it leads: `private` is this machine or its network, `reserved` what no server has.

    Reserved are link-local, multicast, unassigned addresses, and those where clouds keep secrets.
    """
    if any(address in network for network in _RESERVED):
        return "reserved"
    if any(address in network for network in _PRIVATE):
        return "private"
    is_public = address.is_global and not address.is_multicast and not address.is_reserved
    return "public" if is_public else "reserved"
