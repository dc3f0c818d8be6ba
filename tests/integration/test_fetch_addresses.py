"""Fetching speaks to the portal's own host and port, at an address a portal may have."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from certificates import authority
from fetching import CSV, HASTY, JSON, contract, got, http
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Reply, serving
from utpadan.fetch import Endpoint, Fetched, FetchError, NothingNew, Patience, fetch
from utpadan.fetch.network import Network
from utpadan.fetch.trouble import Refused

SECRET = "s3cret/word"  # pragma: allowlist secret: made up


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        portal.script["/data"] = [Reply(b"id\n1\n")]
        yield portal


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names of this test and what they resolve to, one address a lookup, the last for good."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in known:
            return real(host, *rest, **more)
        found = known[host]
        return real(found.pop(0) if len(found) > 1 else found[0], *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def port_of(portal: ScriptedPortal) -> str:
    return portal.base_url.rpartition(":")[2]


def declared(base_url: str, folder: Path) -> Fetched | NothingNew:
    """Fetch from where the contract itself points."""
    return fetch(contract(http(base_url=base_url), CSV), None, None, folder, HASTY)


def connected(
    base_url: str, folder: Path, patience: Patience = HASTY, **how: Any
) -> Fetched | NothingNew:
    """Fetch from where the operator's connection points."""
    secret = SECRET if "auth" in how else None
    source = contract(http(**how), CSV)
    return fetch(source, None, Endpoint(base_url, secret), folder, patience)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"),
        *("0x7f.1", "[::ffff:127.0.0.1]", "portal.example"),
    ],
)
def test_a_contract_leads_to_no_private_address_however_it_is_spelled(
    portal: ScriptedPortal, names: dict[str, list[str]], tmp_path: Path, host: str
) -> None:
    names["portal.example"] = ["127.0.0.1"]
    with pytest.raises(FetchError, match=r"(no public address \(a private|cannot be read).*portal"):
        declared(f"http://{host}:{port_of(portal)}", tmp_path)
    assert portal.asked == []


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "224.0.0.1", "fe80::1"])
def test_a_reserved_address_is_refused_of_a_connection_too(
    names: dict[str, list[str]], tmp_path: Path, address: str
) -> None:
    names["intranet"] = [address]
    with pytest.raises(FetchError, match=rf"intranet is {address}, .*reserved one\); no"):
        connected("http://intranet", tmp_path)


def test_the_operators_connection_may_lead_into_the_own_network(
    portal: ScriptedPortal, names: dict[str, list[str]], tmp_path: Path
) -> None:
    names["intranet"] = ["127.0.0.1"]
    assert got(connected(f"http://intranet:{port_of(portal)}", tmp_path)).size == 5
    assert portal.asked[0].headers["host"] == f"intranet:{port_of(portal)}"


def test_a_connection_to_the_declared_host_may_not(
    portal: ScriptedPortal, names: dict[str, list[str]], tmp_path: Path
) -> None:
    """It names a portal of the internet: whoever answers for its name chooses the address."""
    names["real.invalid"] = ["127.0.0.1"]
    with pytest.raises(FetchError, match=r"real.invalid is 127.0.0.1, and that is no public"):
        connected(f"http://real.invalid:{port_of(portal)}", tmp_path)
    assert portal.asked == []


def test_a_private_host_is_reached_at_its_own_port_only(portal: ScriptedPortal) -> None:
    port = int(port_of(portal))
    network = Network(("127.0.0.1", port), monotonic() + 10)
    network.connect_tcp("127.0.0.1", port).close()
    for host, other in (("127.0.0.1", 443), ("127.0.0.2", port), ("localhost", port)):
        with pytest.raises(Refused, match="no public address"):
            network.connect_tcp(host, other)


def test_the_address_that_was_judged_is_the_one_connected_to(
    portal: ScriptedPortal, names: dict[str, list[str]], tmp_path: Path
) -> None:
    """Were the name looked up again after it was judged, it would be another address."""
    names["rebound"] = ["127.0.0.1", "169.254.169.254"]
    portal.script["/data"] = [Reply(b"id\n", 503, ending="hang up"), Reply(b"id\n1\n")]
    with pytest.raises(FetchError, match=r"rebound is 169.254.169.254"):
        connected(f"http://rebound:{port_of(portal)}", tmp_path)
    assert len(portal.asked) == 1  # the second connection was judged anew


def test_all_addresses_of_a_name_are_judged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("127.0.0.1", "169.254.169.254")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(FetchError, match=r"intranet is 169.254.169.254"):
        connected("http://intranet", tmp_path)


def test_a_name_that_is_not_resolved_in_time_ends_the_fetch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: sleep(3) or [])
    started = monotonic()
    with pytest.raises(FetchError, match="the name intranet is not resolved"):
        connected("http://intranet", tmp_path, Patience(total_s=0.3))
    assert monotonic() - started < 10


def test_a_name_that_nobody_knows_is_said(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"no connection .*the name real.invalid is not resolved"):
        declared("http://real.invalid", tmp_path)


@pytest.mark.parametrize("header", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_an_answer_that_drips_ends_with_the_fetch(tmp_path: Path, header: bytes) -> None:
    """Each byte comes in time; all of them never do."""
    reply = Reply(raw=header + b"x" * 1000, drip_s=0.05)
    started = monotonic()
    with serving(lambda _: reply) as port, pytest.raises(FetchError, match="try again later"):
        connected(f"http://127.0.0.1:{port}", tmp_path, Patience(answer_s=5.0, total_s=0.5))
    assert monotonic() - started < 10


# Secrets


def test_nothing_is_sent_to_another_server(portal: ScriptedPortal, tmp_path: Path) -> None:
    with scripted_portal() as other:
        location = {"Location": f"{other.base_url}/data"}
        portal.script["/data"] = [Reply(status=307, headers=location)]
        with pytest.raises(FetchError, match=f"another server, {other.base_url}/data"):
            connected(portal.base_url, tmp_path, auth={"place": "bearer"})
        assert (len(portal.asked), other.asked) == (1, [])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"no such key: s3cret/word", 403),
        Reply(b"no such key: s3cret%2Fword", 500),
        Reply(b"<title>key s3cret/word</title><html></html>"),
        Reply(status=302, headers={"Location": "http://localhost:1/s3cret%2Fword?sid=s3cret/word"}),
        Reply(status=302, headers={"Location": "http://[s3cret/word"}),
        Reply(raw=b"s3cret/word\r\n"),
    ],
)
@pytest.mark.parametrize("auth", [{"place": "bearer"}, {"place": "query", "name": "sid"}])
def test_a_secret_that_the_portal_repeats_is_in_no_message_and_no_traceback(
    portal: ScriptedPortal, tmp_path: Path, reply: Reply, auth: dict[str, str]
) -> None:
    portal.script["/data"] = [reply]
    with pytest.raises(FetchError) as failed:
        connected(portal.base_url, tmp_path, auth=auth)
    said = "".join(traceback.format_exception(failed.value))
    assert "authorisations: GET" in said
    assert "s3cret" not in said


def test_a_secret_in_a_document_is_in_no_traceback(portal: ScriptedPortal, tmp_path: Path) -> None:
    portal.script["/data"] = [Reply(b'{"data": {"s3cret/word": "s3cret/word"}}')]
    source = contract(http(auth={"place": "bearer"}), JSON)
    with pytest.raises(FetchError, match="'data' is no list") as failed:
        fetch(source, None, Endpoint(portal.base_url, SECRET), tmp_path, HASTY)
    assert "s3cret" not in "".join(traceback.format_exception(failed.value))


# Proxies


def test_the_proxy_of_the_environment_is_used_and_judges_addresses(
    portal: ScriptedPortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", portal.base_url.replace("//", "//user:word@"))
    assert got(declared("http://portal.example/", tmp_path)).size == 5
    asked = portal.asked[0].headers
    assert asked["host"] == "portal.example"
    assert asked["proxy-authorization"] == "Basic dXNlcjp3b3Jk"  # user:word
    monkeypatch.setenv("no_proxy", "portal.example")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(FetchError, match=r"portal.example has no address"):
        declared("http://portal.example/", tmp_path)


@pytest.mark.parametrize(
    "named",
    [
        "socks5://user:word@127.0.0.1:1",  # pragma: allowlist secret: made up
        "nonsense://",
        "http://[::1",
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("http_proxy", named)
    with pytest.raises(FetchError, match="is no HTTP proxy; see HTTP_PROXY and") as failed:
        declared("http://portal.example/", tmp_path)
    assert "word" not in str(failed.value)


# TLS


@pytest.mark.parametrize(
    ("address", "days", "signs_itself", "cause"),
    [
        ("127.0.0.1", 30, False, None),
        ("127.0.0.1", -1, False, "certificate has expired"),
        ("127.0.0.9", 30, False, "IP address mismatch"),
        ("127.0.0.1", 30, True, "self-signed certificate"),
    ],
)
def test_a_certificate_must_be_valid_and_is_not_tried_twice(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    days: int,
    signs_itself: bool,
    cause: str | None,
) -> None:
    signer = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(signer.path))
    tls = signer.server(tmp_path, address, days, signs_itself)
    with serving(lambda _: Reply(b"id\n1\n"), tls) as port:
        if cause is None:
            assert got(connected(f"https://127.0.0.1:{port}", tmp_path)).size == 5
            return
        with pytest.raises(FetchError, match=f"certificate is not valid: .*{cause}") as failed:
            connected(f"https://127.0.0.1:{port}", tmp_path)
        assert (failed.value.requests, failed.value.retries) == (1, 0)


def test_a_port_that_speaks_no_tls_is_said(portal: ScriptedPortal, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"no connection .*SSL") as failed:
        connected(portal.base_url.replace("http:", "https:"), tmp_path)
    assert failed.value.retries == 2
