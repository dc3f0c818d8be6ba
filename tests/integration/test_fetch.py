"""Fetching from a real HTTP server: whole deliveries, or an error that says what to do."""

import gzip
import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fetching import CSV, JSON, Ask, got, page
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Reply
from utpadan.fetch import Endpoint, FetchError, NothingNew, Patience, Previous

SECRET = "s3cret/word"  # pragma: allowlist secret: made up


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


@pytest.fixture
def ask(portal: ScriptedPortal, tmp_path: Path) -> Ask:
    return Ask(portal, tmp_path)


# One response


def test_a_single_response_is_kept_as_it_came(portal: ScriptedPortal, ask: Ask) -> None:
    body = b"id,value\n1,2\n" * 100_000
    tags = {"ETag": '"v1"', "Last-Modified": "Tue, 01 Apr 2025 12:00:00 GMT"}
    portal.script["/data"] = [Reply(body, headers=tags)]
    fetched = got(ask(params={"year": "2024-25", "list": "X,M"}))
    assert fetched.path.read_bytes() == body
    assert fetched.path.name == "authorisations.csv"
    assert fetched.sha256 == hashlib.sha256(body).hexdigest()
    assert (fetched.size, fetched.requests, fetched.retries) == (len(body), 1, 0)
    assert (fetched.etag, fetched.last_modified) == ('"v1"', "Tue, 01 Apr 2025 12:00:00 GMT")
    assert fetched.url == f"{portal.base_url}/data?year=2024-25&list=X,M"
    assert portal.asked[0].params == {"year": "2024-25", "list": "X,M"}


def test_a_compressed_response_is_kept_unpacked(portal: ScriptedPortal, ask: Ask) -> None:
    packed = gzip.compress(b"id\n1\n")
    portal.script["/data"] = [Reply(packed, headers={"Content-Encoding": "gzip"})]
    assert got(ask()).path.read_bytes() == b"id\n1\n"


def test_not_modified_is_nothing_new(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=304)]
    nothing = ask(previous=Previous('"v1"', "Tue, 01 Apr 2025 12:00:00 GMT"))
    assert isinstance(nothing, NothingNew)
    assert (nothing.requests, nothing.retries) == (1, 0)
    assert portal.asked[0].headers["if-none-match"] == '"v1"'
    assert portal.asked[0].headers["if-modified-since"] == "Tue, 01 Apr 2025 12:00:00 GMT"


def test_not_modified_without_having_asked_is_an_error(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=304)]
    with pytest.raises(FetchError, match="the portal answers 304"):
        ask()


# Secrets


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"place": "bearer"}, "authorization", f"Bearer {SECRET}"),
        ({"place": "header", "name": "X-Api-Token"}, "x-api-token", SECRET),
    ],
)
def test_the_secret_goes_into_a_header(
    portal: ScriptedPortal, ask: Ask, auth: dict[str, str], header: str, value: str
) -> None:
    portal.script["/data"] = [Reply(b"id\n")]
    ask(secret=SECRET, auth=auth)
    assert portal.asked[0].headers[header] == value


def test_a_secret_in_the_address_is_never_shown(
    portal: ScriptedPortal, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    auth = {"place": "query", "name": "api-key"}
    portal.script["/data"] = [Reply(b"id\n"), Reply(f"no such key {SECRET}".encode(), status=403)]
    fetched = got(ask(secret=SECRET, auth=auth, params={"limit": "10"}))
    assert portal.asked[0].params == {"limit": "10", "api-key": SECRET}
    assert fetched.url == f"{portal.base_url}/data?limit=10"
    with pytest.raises(FetchError) as refused:
        ask(secret=SECRET, auth=auth)
    assert "no such key ***; check the secret of the connection test_portal" in str(refused.value)
    assert refused.value.status == 403
    assert SECRET not in caplog.text + str(refused.value) + repr(Endpoint("http://x", SECRET))
    assert "s3cret%2Fword" not in caplog.text + str(refused.value)


def test_a_missing_secret_is_said_before_anything_is_sent(portal: ScriptedPortal, ask: Ask) -> None:
    with pytest.raises(FetchError, match="none is set; set the connection test_portal"):
        ask(auth={"place": "bearer"})
    assert portal.asked == []


def test_a_secret_no_header_can_hold_is_refused_unseen(ask: Ask) -> None:
    with pytest.raises(FetchError, match="characters no header may have") as refused:
        # pragma: allowlist nextline secret: made up
        ask(secret="word\nwith a line", auth={"place": "bearer"})
    assert "with a line" not in str(refused.value)


# Trouble that passes, and trouble that does not


@pytest.mark.parametrize(
    "trouble",
    [Reply(status=503), Reply(status=500), Reply(b"id\n1\n", sent=2, ending="hang up")],
)
def test_passing_trouble_is_tried_again(portal: ScriptedPortal, ask: Ask, trouble: Reply) -> None:
    portal.script["/data"] = [trouble, trouble, Reply(b"id\n1\n")]
    fetched = got(ask())
    assert fetched.path.read_bytes() == b"id\n1\n"
    assert (fetched.requests, fetched.retries) == (3, 2)


def test_trouble_that_stays_ends_after_the_tries_with_its_cause(
    portal: ScriptedPortal, ask: Ask
) -> None:
    portal.script["/data"] = [Reply(b"<title>Gateway\n down</title>", status=502)]
    with pytest.raises(FetchError) as failed:
        ask()
    assert len(portal.asked) == 3
    assert failed.value.status == 502
    assert str(failed.value) == (
        f"authorisations: GET {portal.base_url}/data: the portal answers 502: Gateway down "
        "(tried 3 times, 0 s in all); try again later"
    )


def test_a_body_cut_off_every_time_is_an_error(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(b"id\n1\n2\n", sent=5, ending="hang up")]
    with pytest.raises(FetchError, match="without sending complete message body"):
        ask()


def test_a_portal_that_does_not_answer_is_an_error(ask: Ask, portal: ScriptedPortal) -> None:
    portal.base_url = "http://127.0.0.1:1"
    with pytest.raises(FetchError, match=r"no connection .*refused\) \(tried 3 times"):
        ask()


def test_retry_after_is_waited_for(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=429, headers={"Retry-After": "1"}), Reply(b"id\n")]
    patience = Patience(tries=2, pause_s=0.01, longest_pause_s=5.0)
    assert got(ask(patience=patience)).retries == 1
    assert portal.asked[1].at - portal.asked[0].at >= 1.0


@pytest.mark.parametrize("value", ["3600", "a date"])
def test_retry_after_is_capped(portal: ScriptedPortal, ask: Ask, value: str) -> None:
    if value == "a date":
        value = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    portal.script["/data"] = [Reply(status=503, headers={"Retry-After": value}), Reply(b"id\n")]
    ask()
    assert 0.3 <= portal.asked[1].at - portal.asked[0].at < 2.0


def test_the_whole_fetch_is_bounded_in_time(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=503)]
    with pytest.raises(FetchError, match="tried 1 times"):
        ask(patience=Patience(tries=5, pause_s=10.0, total_s=1.0))


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "check `fetch` in source.yml"),
        (401, "check the secret of the connection test_portal"),
        (404, "check `fetch.path` in source.yml and the address of the connection test_portal"),
    ],
)
def test_a_refusal_is_not_tried_again(
    portal: ScriptedPortal, ask: Ask, status: int, remedy: str
) -> None:
    portal.script["/data"] = [Reply(b'{"error": "no"}', status=status)]
    with pytest.raises(FetchError) as refused:
        ask()
    assert remedy in str(refused.value)
    assert f'the portal answers {status}: {{"error": "no"}}' in str(refused.value)
    assert len(portal.asked) == 1


@pytest.mark.parametrize("shape", [CSV, JSON, {"kind": "xlsx", "sheet": "A"}])
def test_a_web_page_in_place_of_data_is_an_error(
    portal: ScriptedPortal, ask: Ask, shape: dict[str, Any]
) -> None:
    body = b"\n<!DOCTYPE html><html><title>Under maintenance</title>"
    portal.script["/data"] = [Reply(body, headers={"Content-Type": "text/html; charset=utf-8"})]
    with pytest.raises(FetchError, match=r"a web page came instead of .*: Under maintenance"):
        ask(shape)


def test_requests_keep_the_pace(portal: ScriptedPortal, ask: Ask) -> None:
    """Four requests at five a second take three pauses of 0.2 s; the first may arrive late."""
    portal.script["/data"] = [page(n, next=n) for n in range(1, 4)] + [page(4)]
    ask(JSON, paging={"style": "cursor", "next": "next"}, requests_per_second=5.0)
    assert portal.asked[3].at - portal.asked[0].at > 0.4


def test_proxies_are_not_used_for_this_machine(
    portal: ScriptedPortal, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    portal.script["/data"] = [Reply(b"id\n")]
    assert got(ask()).requests == 1


# Redirects


def test_redirects_within_the_portal_are_followed(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=302, headers={"Location": "/latest?v=2"})]
    portal.script["/latest"] = [Reply(b"id\n1\n")]
    fetched = got(ask(secret=SECRET, auth={"place": "query", "name": "key"}))
    assert fetched.path.read_bytes() == b"id\n1\n"
    assert portal.asked[1].params == {"v": "2", "key": SECRET}


def test_a_redirect_to_another_server_is_refused(portal: ScriptedPortal, ask: Ask) -> None:
    elsewhere = "http://localhost:1/data?token=abc"
    portal.script["/data"] = [Reply(status=301, headers={"Location": elsewhere})]
    with pytest.raises(FetchError, match=r"another server, http://localhost:1/data.token=.{3};"):
        ask(secret=SECRET, auth={"place": "bearer"})


def test_redirects_without_end_are_refused(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(status=302, headers={"Location": "/data"})]
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        ask()
