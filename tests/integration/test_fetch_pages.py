"""Many pages are fetched as one whole, or not at all."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fetching import JSON, Ask, entries, got, page
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Answering, Asked, Reply
from utpadan.fetch import FetchError, NothingNew, Previous


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


@pytest.fixture
def ask(portal: ScriptedPortal, tmp_path: Path) -> Ask:
    return Ask(portal, tmp_path)


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


def test_all_pages_together_are_bounded(portal: ScriptedPortal, ask: Ask) -> None:
    pages = [page(1, pages=3), page(2, pages=3), page(3, pages=3)]
    portal.script["/data"] = list(pages)
    with pytest.raises(FetchError, match="the body has more than"):
        ask(JSON, paging=BY_PAGE, max_bytes=len(pages[0].body) * 3 - 1)


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
