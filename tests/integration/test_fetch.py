"""Fetching from a real HTTP server: whole deliveries, or an error that says what to do."""

import gzip
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from fetching import CSV, HASTY, JSON, contract, got, http
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Answering, Asked, Reply
from utpadan.fetch import (
    Endpoint,
    Fetched,
    FetchError,
    NothingNew,
    Patience,
    Previous,
    fetch,
)
from utpadan.source import Rows

SECRET = "s3cret/word"  # pragma: allowlist secret: made up


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


Ask = Callable[..., Fetched | NothingNew]


@pytest.fixture
def ask(portal: ScriptedPortal, tmp_path: Path) -> Ask:
    """Fetch /data of the portal by the parts of `fetch` given."""

    def ask(
        shape: dict[str, Any] = CSV,
        previous: Previous | None = None,
        secret: str | None = None,
        patience: Patience = HASTY,
        **how: Any,
    ) -> Fetched | NothingNew:
        source = contract(http(**how), shape)
        return fetch(source, previous, Endpoint(portal.base_url, secret), tmp_path, patience)

    return ask


def entries(fetched: Fetched | NothingNew) -> dict[str, bytes]:
    with ZipFile(got(fetched).path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def page(*ids: int, **fields: Any) -> Reply:
    return Reply(json.dumps({"data": [{"id": i} for i in ids], **fields}).encode())


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


# Whole, and what was asked for


@pytest.mark.parametrize(
    ("kind", "body", "cause"),
    [
        ("csv", b"", r"the answer is empty \(0 bytes\)"),
        ("csv", b"\xef\xbb\xbf\r\n \r\n", r"the answer is empty \(8 bytes\)"),
        ("csv", b"id\n1\n2", "the CSV was cut off: its last line '2' does not end"),
        ("csv", "id\n1\n2".encode("utf-16"), "the CSV was cut off"),
        ("csv", b'{"error": "closed"}\n', 'JSON came instead of CSV: {"error": "closed"}'),
        ("csv", b"<?xml version='1.0'?><error/>\n", "XML came instead of CSV"),
        ("csv", b"PK\x03\x04\n", "another kind of file came instead of CSV"),
        ("csv", b"Service unavailable\n", "none of the contract's headers .*: service unavail"),
        ("json", b'{"data": [', "the JSON was cut off: it ends in '{\"data\": \\['"),
        ("json", b"Service unavailable", "plain text came instead of JSON: Service unavailable"),
        ("html", b"<html><p>text", "the web page was cut off: its 13 bytes end without </html>"),
        ("html", b"Service unavailable", "plain text came instead of HTML: Service unavailable"),
        ("rss", b"<rss><channel", "the XML was cut off: it ends in '<rss><channel'"),
        ("xlsx", b"PK\x03\x04 and no end", "the workbook was cut off or damaged, 15 bytes came"),
        ("xlsx", b"Service unavailable", "no workbook came: Service unavailable"),
        ("xlsx", b"PK\x05\x06" + bytes(18), "a zip came that is no workbook"),
    ],
)
def test_what_is_not_whole_or_another_kind_is_an_error(
    portal: ScriptedPortal, ask: Ask, kind: str, body: bytes, cause: str
) -> None:
    more = {"json": {"records": "data"}, "xlsx": {"sheet": "A"}}
    portal.script["/data"] = [Reply(body)]
    with pytest.raises(FetchError, match=cause):
        ask({"kind": kind, **more.get(kind, {})})


@pytest.mark.parametrize(
    "body",
    [b"id\n1\n", b"id\r1\r", b"id\n1\n\x1a", "id\n1\n".encode("utf-16"), b"\xff\xfeI\0d\0\n\0"],
)
def test_a_csv_whose_last_line_ends_is_whole(portal: ScriptedPortal, ask: Ask, body: bytes) -> None:
    portal.script["/data"] = [Reply(body)]
    assert got(ask()).path.read_bytes() == body


def test_a_contract_may_say_that_the_last_line_does_not_end(
    portal: ScriptedPortal, ask: Ask
) -> None:
    portal.script["/data"] = [Reply(b"id\n1")]
    assert got(ask(last_line_ends=False)).size == 4


def test_a_body_of_more_bytes_than_allowed_is_an_error(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(b"id\n1\n")]
    assert got(ask(max_bytes=5)).size == 5
    with pytest.raises(FetchError, match=r"the body has more than 4 bytes; .*`fetch`"):
        ask(max_bytes=4)


def test_all_pages_together_are_bounded(portal: ScriptedPortal, ask: Ask) -> None:
    pages = [page(1, pages=3), page(2, pages=3), page(3, pages=3)]
    portal.script["/data"] = list(pages)
    with pytest.raises(FetchError, match="the body has more than"):
        ask(JSON, paging=BY_PAGE, max_bytes=len(pages[0].body) * 3 - 1)


def test_a_body_that_cannot_be_kept_is_an_error(
    portal: ScriptedPortal, ask: Ask, tmp_path: Path
) -> None:
    portal.script["/data"] = [Reply(b"id\n1\n")]
    (tmp_path / "authorisations.csv").mkdir()
    with pytest.raises(FetchError, match=r"the body cannot be kept: .*directory.*; see that"):
        ask()


def test_records_are_expected_of_a_complete_source(portal: ScriptedPortal, tmp_path: Path) -> None:
    portal.script["/data"] = [Reply(b'{"data": [], "error": "try again"}')]
    bounds = {"rows": Rows(min=5, max=9, max_change=1)}
    source = contract(http(), JSON).model_copy(update=bounds)
    with pytest.raises(FetchError, match="the answer holds no records; 5 at least are expected"):
        fetch(source, None, Endpoint(portal.base_url), tmp_path, HASTY)


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


# Pages of JSON

BY_PAGE = {"style": "page", "pages": "pages"}
BY_OFFSET = {"style": "offset", "limit": 2, "total": "total"}
BY_CURSOR = {"style": "cursor", "next": "next", "total": "total"}


def offsets(total: int, cap: int) -> Answering:
    def answer(asked: Asked) -> Reply:
        first = int(asked.params["offset"])
        count = min(int(asked.params["limit"]), cap)
        return page(*range(first, min(first + count, total)), total=str(total))

    return answer


def test_numbered_pages_are_one_zip(portal: ScriptedPortal, ask: Ask) -> None:
    answers = [page(1, 2, pages=2), page(3, pages=2)]
    portal.script["/data"] = list(answers)
    fetched = ask(JSON, paging=BY_PAGE, params={"size": "2"})
    assert entries(fetched) == {"0001.json": answers[0].body, "0002.json": answers[1].body}
    assert [asked.params for asked in portal.asked] == [
        {"size": "2", "page": "1"},
        {"size": "2", "page": "2"},
    ]
    assert got(fetched).sha256 == hashlib.sha256(got(fetched).path.read_bytes()).hexdigest()


def test_the_same_pages_are_the_same_bytes(
    portal: ScriptedPortal, ask: Ask, tmp_path: Path
) -> None:
    hashes = []
    for _ in range(2):
        portal.script["/data"] = [page(1, pages=2), page(2, pages=2)]
        hashes.append(got(ask(JSON, paging=BY_PAGE)).sha256)
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(("total", "cap", "requests"), [(5, 2, 3), (4, 2, 2), (3, 1, 3), (0, 2, 1)])
def test_offsets_go_on_by_what_came(
    portal: ScriptedPortal, ask: Ask, total: int, cap: int, requests: int
) -> None:
    portal.script["/data"] = offsets(total, cap)
    found = [json.loads(body)["data"] for body in entries(ask(JSON, paging=BY_OFFSET)).values()]
    assert [record["id"] for records in found for record in records] == list(range(total))
    assert len(portal.asked) == requests


def test_cursors_are_followed_to_the_end(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [page(1, 2, next="x y", total=3), page(3, next=None, total=3)]
    assert list(entries(ask(JSON, paging=BY_CURSOR))) == ["0001.json", "0002.json"]
    assert [asked.params for asked in portal.asked] == [{}, {"cursor": "x y"}]


@pytest.mark.parametrize(
    ("paging", "answers", "cause"),
    [
        (BY_PAGE, [page(1, pages=3), page(1, pages=3)], "the same page came twice"),
        (BY_CURSOR, [page(1, next="a", total=9), page(2, next="a", total=9)], "'a' came twice"),
        (BY_CURSOR, [page(1, total=-1)], "the number of records, total, is '-1'"),
        (BY_PAGE, [page(1, pages="many")], "the number of pages, pages, is 'many'"),
        (BY_PAGE, [page(1)], "no 'pages' in the object of data"),
        (BY_PAGE, [Reply(b'{"data": [}')], "the answer of 11 bytes is not JSON"),
        (BY_PAGE, [Reply(b'{"error": "closed"}')], 'no \'data\' .*: {"error": "closed"}'),
        (BY_PAGE, [Reply(b'{"data": null, "pages": 1}')], "'data' is no list"),
    ],
)
def test_paging_that_leads_nowhere_is_an_error(
    portal: ScriptedPortal, ask: Ask, paging: dict[str, Any], answers: list[Reply], cause: str
) -> None:
    portal.script["/data"] = list(answers)
    with pytest.raises(FetchError, match=cause):
        ask(JSON, paging=paging)
    assert len(portal.asked) == len(answers)


@pytest.mark.parametrize(
    ("paging", "moved", "cause"),
    [
        (BY_CURSOR, [page(1, next="a", total=2), page(2, total=3)], "went from 2 to 3"),
        (BY_CURSOR, [page(1, 2, total=1)], "2 records came, 1 were announced"),
        (BY_CURSOR, [page(1, total=2)], "only 1 of 2 records came"),
        (BY_PAGE, [page(1, pages=2), page(2, pages=3)], "pages went from 2 to 3"),
        (BY_PAGE, [page(1, pages=3), page(pages=3)], "page 2 has no records, and 3 is the last"),
        (BY_OFFSET, [page(1, 2, total=3), page(total=3)], "only 2 of 3 records came"),
        (BY_OFFSET, [page(1, 2, total=4), page(2, 3, total=4)], "was on an earlier page, too"),
    ],
)
def test_data_that_changes_on_the_way_is_fetched_anew_once(
    portal: ScriptedPortal, ask: Ask, paging: dict[str, Any], moved: list[Reply], cause: str
) -> None:
    whole = [page(7, pages=1, total=1)]
    portal.script["/data"] = [*moved, *whole]
    assert list(entries(ask(JSON, paging=paging)).values()) == [whole[0].body]
    portal.script["/data"] = [*moved, *moved]
    with pytest.raises(FetchError, match=f"changes while it is fetched, twice: .*{cause}"):
        ask(JSON, paging=paging)


def test_paging_without_end_is_an_error(
    portal: ScriptedPortal, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utpadan.fetch.paging.MOST_PAGES", 3)
    portal.script["/data"] = lambda asked: page(len(portal.asked), next=f"c{len(portal.asked)}")
    with pytest.raises(FetchError, match="does not end within 3 pages"):
        ask(JSON, paging={"style": "cursor", "next": "next"})


def test_paging_must_fit_the_format(ask: Ask) -> None:
    with pytest.raises(FetchError, match="paging link does not go with format json"):
        ask(JSON, paging={"style": "link"})


# Increments

INCREMENT = {
    "paging": {"style": "cursor", "next": "next"},
    "since_param": "updated_since",
    "since_field": "at",
}


def updates(*times: str | None) -> Reply:
    return Reply(json.dumps({"data": [{"at": time} for time in times]}).encode())


@pytest.mark.parametrize(
    ("before", "overlap", "asked_for"),
    [
        (None, 1, None),
        ("2025-01-09T05:12:44Z", 0, "2025-01-09T05:12:44Z"),
        ("2025-01-09T05:12:44Z", 2, "2025-01-07T05:12:44Z"),
        ("2025-03-01T00:30:00.250+05:30", 1, "2025-02-28T00:30:00.250000+05:30"),
        ("2025-03-01 00:30:00", 1, "2025-02-28 00:30:00"),
        ("2025-03-01", 1, "2025-02-28"),
    ],
)
def test_an_increment_asks_since_the_watermark_less_the_overlap(
    portal: ScriptedPortal, ask: Ask, before: str | None, overlap: int, asked_for: str | None
) -> None:
    portal.script["/data"] = [updates("2025-06-01")]
    ask(JSON, Previous(watermark=before), overlap_days=overlap, **INCREMENT)
    assert portal.asked[0].params.get("updated_since") == asked_for


@pytest.mark.parametrize(
    ("before", "times", "after"),
    [
        (None, ["2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z", None], "2025-01-03T00:00:00Z"),
        ("2025-02-01T00:00:00Z", ["2025-01-03T00:00:00Z"], "2025-02-01T00:00:00Z"),
        ("2025-01-01T00:00:00Z", ["2025-01-01T12:00:00+05:30"], "2025-01-01T12:00:00+05:30"),
        ("2025-01-01", ["2925-01-01"], "2025-01-01"),
    ],
)
def test_the_watermark_is_the_newest_time_and_never_goes_back(
    portal: ScriptedPortal, ask: Ask, before: str | None, times: list[str], after: str
) -> None:
    portal.script["/data"] = [updates(*times)]
    assert got(ask(JSON, Previous(watermark=before), **INCREMENT)).watermark == after


def test_an_increment_without_records_is_nothing_new(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [updates()]
    assert isinstance(ask(JSON, Previous(watermark="2025-01-01"), **INCREMENT), NothingNew)
    assert got(ask(JSON, None, **INCREMENT)).watermark is None


def test_a_time_that_is_still_to_come_does_not_count(portal: ScriptedPortal, ask: Ask) -> None:
    """The clock of a portal that runs ahead must not hide what is written meanwhile."""
    ahead = datetime.now(UTC) + timedelta(hours=5)
    portal.script["/data"] = [updates("2025-01-02T00:00:00Z", ahead.isoformat())]
    assert got(ask(JSON, None, **INCREMENT)).watermark == "2025-01-02T00:00:00Z"


def test_what_is_no_time_is_an_error(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [updates("yesterday")]
    with pytest.raises(FetchError, match="at: 'yesterday' is not an ISO time"):
        ask(JSON, **INCREMENT)


# Web pages and feeds


def test_linked_pages_are_followed(portal: ScriptedPortal, ask: Ask) -> None:
    first, second = b'<a rel="next" href="?page=2">Next</a>', b"<p>the end</p><a rel=prev href=x>"
    portal.script["/data"] = [Reply(first), Reply(second)]
    fetched = ask({"kind": "html"}, paging={"style": "link"})
    assert entries(fetched) == {"0001.html": first, "0002.html": second}
    assert portal.asked[1].params == {"page": "2"}


STATED = {"style": "link", "pages": r"Page \d of (\d)", "total": r"of ([\d,]+) items"}


def listing(number: int, *items: str, of: int = 2, items_in_all: int = 3) -> Reply:
    """A page of a list, with the link to the next one but on the last."""
    rows = "".join(f"<tr><td>{n}</td><td>{item}</td></tr>" for n, item in enumerate(items, number))
    link = f'<a rel="next" href="?p={number + 1}">Next</a>' if number < of else ""
    return Reply(
        f"<table><thead><tr><td>No</td><td>Item</td></tr></thead>{rows}</table>"
        f"<p>Page <b>{number}</b> of {of}, of {items_in_all} items</p>{link}".encode()
    )


def test_pages_that_state_their_number_and_total_are_counted(
    portal: ScriptedPortal, ask: Ask
) -> None:
    portal.script["/data"] = [listing(1, "a", "b"), listing(2, "c")]
    assert len(entries(ask({"kind": "html"}, paging=STATED))) == 2


@pytest.mark.parametrize(
    ("pages", "cause"),
    [
        ([listing(1, "a", "b"), listing(2, "c", items_in_all=4)], "records went from 3 to 4"),
        ([listing(1, "a", "b", of=3), listing(3, "c", of=3)], "only 2 of 3 pages came"),
        ([listing(1, "a", "b"), listing(2)], "only 2 of 3 records came"),
        ([listing(1, "a", "b"), listing(2, "c", "d")], "4 records came, 3 were announced"),
        ([listing(1, "a", "b"), listing(2, "b")], "was on an earlier page, too"),
    ],
)
def test_pages_that_do_not_make_a_whole_are_fetched_anew_once(
    portal: ScriptedPortal, ask: Ask, pages: list[Reply], cause: str
) -> None:
    whole = [listing(1, "a", "b"), listing(2, "c")]
    portal.script["/data"] = [*pages, *whole]
    assert len(entries(ask({"kind": "html"}, paging=STATED))) == 2
    portal.script["/data"] = [*pages, *pages]
    with pytest.raises(FetchError, match=f"changes while it is fetched, twice: .*{cause}"):
        ask({"kind": "html"}, paging=STATED)


def test_a_page_that_states_nothing_is_another_page(portal: ScriptedPortal, ask: Ask) -> None:
    portal.script["/data"] = [Reply(b"<title>Sorry</title><p>We are back at 6.</p>")]
    with pytest.raises(FetchError, match=r"there is no 'Page .* in the str 'SorryWe are back"):
        ask({"kind": "html"}, paging=STATED)


@pytest.mark.parametrize(
    ("bodies", "cause"),
    [
        ([b'<a rel="next" href="/data">x</a>', b"<p>other</p>"], "the same page came twice"),
        ([b'<a rel="next" href="?p=2">x</a>'], "the same page came twice"),
        ([b'<a rel="next" href="http://localhost:1/">x</a>'], "leads to another server"),
    ],
)
def test_links_that_lead_astray_are_an_error(
    portal: ScriptedPortal, ask: Ask, bodies: list[bytes], cause: str
) -> None:
    portal.script["/data"] = [Reply(body) for body in bodies]
    with pytest.raises(FetchError, match=cause):
        ask({"kind": "html"}, paging={"style": "link"})


FEED = (
    "<rss><channel><item><link>{0}/a</link></item><item><title>no link</title></item>"
    "<item><link> /c </link></item></channel></rss>"
)


def test_a_feed_brings_the_pages_of_its_items(portal: ScriptedPortal, ask: Ask) -> None:
    feed = FEED.format(portal.base_url).encode()
    portal.script |= {"/data": [Reply(feed)], "/a": [Reply(b"<p>A")], "/c": [Reply(b"<p>C")]}
    fetched = ask({"kind": "rss"}, paging={"style": "feed"})
    assert entries(fetched) == {"feed.xml": feed, "0001.html": b"<p>A", "0003.html": b"<p>C"}


def test_the_page_of_an_item_shows_its_title(portal: ScriptedPortal, ask: Ask) -> None:
    item = "<item><title>Exports &amp; more</title><link>/a</link></item>"
    shown = {"style": "feed", "shown_on_page": "title"}
    portal.script["/data"] = [Reply(f"<rss><channel>{item}</channel></rss>".encode())]
    portal.script["/a"] = [Reply(b"<h1>EXPORTS &amp; \n more</h1>")]
    assert len(entries(ask({"kind": "rss"}, paging=shown))) == 2
    portal.script["/a"] = [Reply(b"<title>Log in</title>")]
    with pytest.raises(FetchError, match="page 'Log in' came, on which 'Exports & more' does not"):
        ask({"kind": "rss"}, paging=shown)


@pytest.mark.parametrize(
    ("feed", "cause"),
    [
        (b"<rss><channel>", "this is no XML"),
        (b"no feed", "plain text came instead of XML: no feed"),
        (b"<feed/>", "<feed> is no RSS 2.0 feed"),
        (b"<!doctype html><title>Sorry</title>", "a web page came instead of XML: Sorry"),
        (FEED.format("http://localhost:1").encode(), "leads to another server"),
    ],
)
def test_what_is_no_feed_is_an_error(
    portal: ScriptedPortal, ask: Ask, feed: bytes, cause: str
) -> None:
    portal.script["/data"] = [Reply(feed)]
    with pytest.raises(FetchError, match=cause):
        ask({"kind": "rss"}, paging={"style": "feed"})
