"""What the ledger keeps of fetching: what it took, also in vain, and how long a 304 is believed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from fetching import CSV, HASTY, contract, http
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Asked, Reply
from utpadan import fetching, nightly
from utpadan.fetch import fetch
from utpadan.settings import Settings
from utpadan.source import Source

SOURCE = contract(http(), CSV)
FIRST, SECOND = b"id\n1\n", b"id\n1\n2\n"
TAGGED = {"ETag": '"v1"', "Last-Modified": "Tue, 01 Apr 2025 12:00:00 GMT"}
BUSY = Reply(status=503)


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


class Desk:
    """Pulls the one source, and looks at what the ledger says of it."""

    def __init__(self, settings: Settings, conn: psycopg.Connection) -> None:
        self.settings = settings
        self.conn = conn

    def pull(self, source: Source = SOURCE) -> str:
        """Why it failed; nothing when it did not."""
        return nightly.pull(self.settings, [source]).failed.get(source.name, "")

    def deliveries(self, columns: str) -> list[tuple[Any, ...]]:
        query = f"select {columns} from ops.delivery order by delivery_id"
        return self.conn.execute(query.encode()).fetchall()

    def set_confirmed(self, ago: str) -> None:
        """As if the newest bytes had come so long ago."""
        self.conn.execute("update ops.delivery set confirmed_at = now() - %s::interval", (ago,))


@pytest.fixture
def desk(
    shared_warehouse: Settings, portal: ScriptedPortal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(fetching, "fetch", partial(fetch, patience=HASTY))
    settings = Settings.load(
        {
            "UTPADAN_HOME": str(shared_warehouse.home),
            "UTPADAN_LOADER_URL": shared_warehouse.loader_url,
            "UTPADAN_PORTAL_TEST_PORTAL_URL": portal.base_url,
        }
    )
    with psycopg.connect(shared_warehouse.admin_url, autocommit=True) as conn:
        conn.execute("delete from ops.delivery; delete from ops.fetch_error")
        yield Desk(settings, conn)


def test_retries_are_kept_of_what_came_of_what_was_known_and_of_what_failed(
    desk: Desk, portal: ScriptedPortal
) -> None:
    portal.script["/data"] = [BUSY, Reply(FIRST, headers=TAGGED)]
    assert desk.pull() == ""
    assert desk.deliveries("requests, retries, seconds > 0, check_requests") == [(2, 1, True, None)]
    portal.script["/data"] = [BUSY, BUSY, Reply(status=304)]
    assert desk.pull() == ""
    portal.script["/data"] = [BUSY]
    assert "(tried 3 times" in desk.pull()
    assert desk.deliveries("requests, check_requests, check_retries, check_seconds > 0") == [
        (2, 3, 2, True)
    ]
    portal.script["/data"] = [Reply(status=404)]
    assert "answers 404" in desk.pull()
    errors = desk.conn.execute(
        "select requests, retries, seconds > 0 from ops.fetch_error order by fetch_error_id"
    ).fetchall()
    assert errors == [(3, 2, True), (1, 0, True)]


def changed_but_304(asked: Asked) -> Reply:
    """A portal that says that nothing changed, though it did; other bytes for who does not ask."""
    return Reply(status=304) if "if-none-match" in asked.headers else Reply(SECOND, headers=TAGGED)


@pytest.mark.parametrize("ago", ["8 days", "-1 hour"])
def test_a_304_is_believed_for_a_week_and_not_of_the_future(
    desk: Desk, portal: ScriptedPortal, ago: str
) -> None:
    portal.script["/data"] = [Reply(FIRST, headers=TAGGED)]
    desk.pull()
    desk.set_confirmed("6 days 23 hours")
    portal.script["/data"] = changed_but_304
    desk.pull()
    assert len(desk.deliveries("1")) == 1
    desk.set_confirmed(ago)
    desk.pull()
    assert desk.deliveries("size_bytes, etag") == [(5, '"v1"'), (7, '"v1"')]
    assert ["if-none-match" in asked.headers for asked in portal.asked] == [False, True, False]


def test_other_bytes_under_the_same_etag_are_read(desk: Desk, portal: ScriptedPortal) -> None:
    portal.script["/data"] = [Reply(FIRST, headers=TAGGED), Reply(SECOND, headers=TAGGED)]
    desk.pull()
    desk.pull()
    assert desk.deliveries("size_bytes, etag") == [(5, '"v1"'), (7, '"v1"')]


def test_the_same_bytes_are_one_delivery_and_confirm_it_with_its_newest_etag(
    desk: Desk, portal: ScriptedPortal
) -> None:
    portal.script["/data"] = [Reply(FIRST, headers=TAGGED)]
    desk.pull()
    desk.set_confirmed("8 days")
    portal.script["/data"] = [Reply(FIRST, headers={"ETag": '"v2"'})]
    desk.pull()
    assert desk.deliveries("etag, last_modified, confirmed_at > now() - interval '1 hour'") == [
        ('"v2"', None, True)
    ]
    desk.pull()
    assert portal.asked[-1].headers["if-none-match"] == '"v2"'
    assert "if-modified-since" not in portal.asked[-1].headers


def test_a_changed_request_is_unconditional_once(desk: Desk, portal: ScriptedPortal) -> None:
    portal.script["/data"] = [Reply(FIRST, headers=TAGGED)]
    changed = contract(http(params={"year": "2024-25"}), CSV)
    for source in (SOURCE, changed, changed):
        desk.pull(source)
    conditional = ["if-none-match" in asked.headers for asked in portal.asked]
    assert conditional == [False, False, True]


def test_an_answer_that_no_database_can_hold_is_still_one_error(
    desk: Desk, portal: ScriptedPortal
) -> None:
    """NUL, control characters and half a surrogate are spelled out."""
    portal.script["/data"] = [Reply(b"out\0 of\x1b[31m order", 400)]
    assert r"answers 400: out\x00 of\x1b[31m order" in desk.pull()
    shaped = contract(http(), {"kind": "json", "records": "data"})
    portal.script["/data"] = [Reply(b'{"\\ud800": 1}')]
    assert r"no 'data' in the object of \ud800" in desk.pull(shaped)
    assert desk.conn.execute("select count(*) from ops.fetch_error").fetchone() == (2,)
