"""A body is whole and what was asked for, within its bounds, or an error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fetching import HASTY, JSON, Ask, contract, got, http
from scripted_portal import ScriptedPortal, scripted_portal

from portals.wire import Reply
from utpadan.fetch import Endpoint, FetchError, fetch
from utpadan.source import Rows


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


@pytest.fixture
def ask(portal: ScriptedPortal, tmp_path: Path) -> Ask:
    return Ask(portal, tmp_path)


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
