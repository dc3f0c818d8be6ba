"""Which addresses a portal may have, and which belong to one portal."""

from __future__ import annotations

import httpx
import pytest

from utpadan.fetch.address import address_of, is_same_place, place_of, shown


@pytest.mark.parametrize(
    ("place", "addresses"),
    [
        ("public", ["8.8.8.8", "164.100.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"]),
        ("private", ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]),
        ("private", ["127.0.0.1", "127.8.8.8", "::1", "fd12::1", "fc00::1"]),
        ("private", ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::10.0.0.1"]),
        ("reserved", ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%1"]),
        ("reserved", ["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::"]),
        ("reserved", ["100.100.100.200", "168.63.129.16", "fd00:ec2::254", "192.0.0.192"]),
        ("reserved", ["0.0.0.0", "::", "0.1.2.3", "240.0.0.1", "255.255.255.255", "198.18.0.1"]),
        ("reserved", ["224.0.0.1", "239.1.1.1", "ff02::1", "192.0.2.1", "2001:db8::1", "2001::1"]),
    ],
)
def test_an_address_leads_to_one_kind_of_place(place: str, addresses: list[str]) -> None:
    assert {text: place_of(address_of(text)) for text in addresses} == dict.fromkeys(
        addresses, place
    )


@pytest.mark.parametrize(
    ("url", "other", "is_same"),
    [
        ("http://a.example/x", "http://a.example/y?z=1", True),
        ("http://a.example/x", "http://A.EXAMPLE:80/", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("http://a.example/x", "https://a.example:8443/x", False),
        ("http://a.example:8080/x", "https://a.example/x", False),
        ("http://a.example/x", "http://a.example:81/x", False),
        ("http://a.example/x", "http://b.a.example/x", False),
        ("http://a.example/x", "http://a.example@b.example/x", False),
        ("http://a.example/x", "ftp://a.example:80/x", False),
        ("http://a.example/x", "file:///etc/passwd", False),
        ("http://127.0.0.1/x", "http://2130706433/x", False),
    ],
)
def test_a_portal_is_one_host_and_port_and_its_own_step_to_https(
    url: str, other: str, is_same: bool
) -> None:
    assert is_same_place(httpx.URL(url), httpx.URL(other)) == is_same


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    url = httpx.URL("https://user:word@a.example:8443/x?a=1&api-key=word&sid=word")
    assert shown(url, "sid") == "https://a.example:8443/x?a=1&api-key=***&sid=***"
