"""What portals do wrong: each fault makes, of a proper answer, the one that is sent instead.

`FAULTS` has them by name. They are pure: what they know is the request, the answer that would be
right and the one before. Those about pages and totals know the shapes of these portals.
"""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal, NamedTuple

from portals.wire import Asked, Reply


class Struck(NamedTuple):
    """What a fault strikes: a request, the right answer to it, and the right answer before."""

    asked: Asked
    good: Reply
    before: Reply | None


Needs = Literal["anything", "pages", "totals", "order", "more"]
"""What a fault can strike: any answer; JSON or linked pages; those that state a total; those that
lead to the next page; whatever takes more than one request."""


class FaultKind(NamedTuple):
    """One fault: what it is in words, what it can strike and what becomes of an answer."""

    says: str
    needs: Needs
    breaks: Callable[[Struck], Reply]


FAULTS: dict[str, FaultKind] = {}


def _fault(
    says: str, needs: Needs = "anything"
) -> Callable[[Callable[[Struck], Reply]], Callable[[Struck], Reply]]:
    def register(breaks: Callable[[Struck], Reply]) -> Callable[[Struck], Reply]:
        FAULTS[breaks.__name__] = FaultKind(says, needs, breaks)
        return breaks

    return register


def _status(name: str, status: int, body: bytes = b"out of order", **headers: str) -> None:
    said = {key.replace("_", "-"): value for key, value in headers.items()}
    FAULTS[name] = FaultKind(f"status {status}", "anything", lambda _: Reply(body, status, said))


# Errors that say so

_status("error_500", 500)
_status("error_502", 502, b"<html><head><title>502 Bad Gateway</title></head></html>")
_status("error_503", 503, Retry_After="1")
_status("too_many_requests", 429)
_status("too_many_requests_wait_a_second", 429, Retry_After="1")
_status("too_many_requests_wait_a_year", 429, Retry_After="31536000")
_status("not_found", 404, b"no such thing")
_status("gone", 410)
_status("no_content", 204, b"")
_status("partial_content", 206, b"id,")
_status("expired_token", 401, b'{"error": "token expired"}', WWW_Authenticate="Bearer")
_status("forbidden", 403, b'{"error": "Key not authorised"}')


@_fault("429 until a date, by a clock that is a day ahead")
def too_many_requests_until_a_date(_: Struck) -> Reply:
    now = datetime.now(UTC) + timedelta(days=1)
    until = format_datetime(now + timedelta(seconds=1), usegmt=True)
    return Reply(b"", 429, {"Date": format_datetime(now, usegmt=True), "Retry-After": until})


# Answers that do not arrive


@_fault("the answer comes byte by byte, each after a pause")
def slow_drip(struck: Struck) -> Reply:
    return replace(struck.good, drip_s=0.05)


@_fault("the request is taken and nothing is said")
def silence(_: Struck) -> Reply:
    return Reply(ending="silent")


@_fault("the connection is reset in the middle of the body")
def reset(struck: Struck) -> Reply:
    return replace(struck.good, sent=_middle(struck), ending="reset")


@_fault("the body ends before its length is reached")
def cut_short(struck: Struck) -> Reply:
    return replace(struck.good, sent=_middle(struck), ending="hang up")


@_fault("the body is cut off, and its length agrees")
def cut_with_right_length(struck: Struck) -> Reply:
    return replace(struck.good, body=struck.good.body[: _middle(struck)])


@_fault("the chunks of the body do not end")
def chunks_cut(struck: Struck) -> Reply:
    return replace(struck.good, framing="chunked", sent=_middle(struck), ending="hang up")


@_fault("HTTP/1.0: the body ends with the connection, and too early")
def closed_early(struck: Struck) -> Reply:
    return replace(struck.good, framing="close", sent=_middle(struck))


@_fault("HTTP/1.0: the body ends with the connection, as it should")
def closed_in_time(struck: Struck) -> Reply:
    return replace(struck.good, framing="close")


@_fault("the body never ends")
def endless(struck: Struck) -> Reply:
    return replace(struck.good, framing="chunked", ending="endless")


@_fault("something else listens on the port")
def no_http(_: Struck) -> Reply:
    return Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n")


@_fault("two lengths that disagree")
def two_lengths(struck: Struck) -> Reply:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\n"
    return Reply(raw=head + struck.good.body)


@_fault("a header longer than any")
def long_header(_: Struck) -> Reply:
    return Reply(raw=b"HTTP/1.1 200 OK\r\nX-Trace: " + b"x" * 500_000)


def _middle(struck: Struck) -> int:
    return len(struck.good.body) * 2 // 3


# Other things than data, with status 200

_HTML = "text/html; charset=utf-8"
_MAINTENANCE = (
    b"<!DOCTYPE html><html><head><title>Under maintenance</title></head><body>%b</body></html>"
)
_ERRORS = {
    "/srijan-deep": {"error": {"code": "INTERNAL", "message": "database is down"}},
    "/defence-exim": {"error": {"code": "internal", "message": "database is down"}},
    "/open-government-data": {"status": "error", "message": "Resource is not available"},
    "/world-bank": [{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}],
    "/un-comtrade": {"elapsedTime": "0.01", "count": 0, "data": [], "error": "try again"},
}


@_fault("a web page, of maintenance")
def maintenance_page(_: Struck) -> Reply:
    return Reply(_MAINTENANCE % b"<p>We are back at 6.</p>", headers={"Content-Type": _HTML})


@_fault("a web page that wants cookies and a script")
def cookie_page(_: Struck) -> Reply:
    body = b"<html><head><script src='/c.js'></script></head><body>Enable cookies</body></html>"
    return Reply(body, headers={"Content-Type": _HTML, "Set-Cookie": "seen=1"})


@_fault("a redirect to a page that asks for a login")
def login(struck: Struck) -> Reply:
    if struck.asked.path.endswith("/login"):
        return Reply(b"<html><title>Log in</title><form></form></html>", 200)
    return Reply(status=302, headers={"Location": "/" + struck.asked.path.split("/")[1] + "/login"})


@_fault("an error, as the portal words it, with status 200")
def error_document(struck: Struck) -> Reply:
    start = "/" + struck.asked.path.split("/")[1]
    if start in _ERRORS:
        body, kind = json.dumps(_ERRORS[start]).encode(), "application/json"
    else:
        body, kind = b"500 Internal Server Error\n", "text/plain"
    return Reply(body, headers={"Content-Type": kind})


@_fault("an empty body")
def empty(struck: Struck) -> Reply:
    return replace(struck.good, body=b"")


# Redirects


def _redirect(name: str, says: str, location: str) -> None:
    FAULTS[name] = FaultKind(
        says, "anything", lambda _: Reply(status=302, headers={"Location": location})
    )


_redirect("redirect_elsewhere", "a redirect to another host", "http://localhost:9/data?key=mine")
_redirect("redirect_private", "a redirect to a private address", "http://127.0.0.2:9/")
_redirect("redirect_number", "a redirect to an address written as a number", "http://2130706434:9/")
_redirect("redirect_file", "a redirect to a file", "file:///etc/passwd")
_redirect("redirect_ftp", "a redirect to FTP", "ftp://localhost:9/data.csv")
_redirect("redirect_gopher", "a redirect to gopher", "gopher://localhost:9/_GET")
_redirect("redirect_nonsense", "a redirect to what is no address", "http://[::1/")


@_fault("a redirect to itself, for ever")
def redirect_loop(struck: Struck) -> Reply:
    return Reply(status=302, headers={"Location": _itself(struck)})


@_fault("a redirect to itself, until the cookie that comes with it is sent")
def cookie_wall(struck: Struck) -> Reply:
    if "seen=1" in struck.asked.headers.get("cookie", ""):
        return struck.good
    return Reply(status=302, headers={"Location": _itself(struck), "Set-Cookie": "seen=1; Path=/"})


@_fault("a redirect to the same host by HTTPS, on another port")
def redirect_https(struck: Struck) -> Reply:
    host = struck.asked.headers.get("host", "").split(":")[0]
    return Reply(status=301, headers={"Location": f"https://{host}:9{_itself(struck)}"})


def _itself(struck: Struck) -> str:
    return f"{struck.asked.path}?{struck.asked.query}" if struck.asked.query else struck.asked.path


# Packing, labels, clocks


@_fault("packed, properly")
def packed(struck: Struck) -> Reply:
    return _packed(struck.good, gzip.compress(struck.good.body))


@_fault("packed, and cut off with a length that agrees")
def packed_and_cut(struck: Struck) -> Reply:
    body = gzip.compress(struck.good.body)
    return _packed(struck.good, body[: len(body) * 2 // 3])


@_fault("packed twice, and said once")
def packed_twice(struck: Struck) -> Reply:
    return _packed(struck.good, gzip.compress(gzip.compress(struck.good.body)))


@_fault("said to be packed, and not")
def packed_in_name_only(struck: Struck) -> Reply:
    return _packed(struck.good, struck.good.body)


@_fault("packed in a way that was not asked for")
def packed_unasked(struck: Struck) -> Reply:
    return _packed(struck.good, struck.good.body, "br")


@_fault("a header that names another charset than the body has")
def wrong_charset(struck: Struck) -> Reply:
    kind = struck.good.headers.get("content-type", "text/plain").split(";")[0]
    return _labelled(struck.good, f"{kind}; charset=utf-16")


@_fault("the data, called a web page")
def wrong_type(struck: Struck) -> Reply:
    return _labelled(struck.good, _HTML)


@_fault("clocks a year ahead: Date and Last-Modified")
def clock_ahead(struck: Struck) -> Reply:
    ahead = format_datetime(datetime.now(UTC) + timedelta(days=365), usegmt=True)
    headers = {**struck.good.headers, "date": ahead, "last-modified": ahead}
    return replace(struck.good, headers=headers)


@_fault("304 to whoever names a version")
def always_304(struck: Struck) -> Reply:
    asked = struck.asked.headers.keys() & {"if-none-match", "if-modified-since"}
    return Reply(status=304) if asked else struck.good


def _packed(good: Reply, body: bytes, encoding: str = "gzip") -> Reply:
    return replace(good, body=body, headers={**good.headers, "content-encoding": encoding})


def _labelled(good: Reply, kind: str) -> Reply:
    return replace(good, headers={**good.headers, "content-type": kind})


# Pages

_COUNTS = re.compile(rb'("(?:total|totalElements|totalPages|pages)":|Total items: )(\d+)')
_NEXT = re.compile(rb'("next_cursor":)"[^"]*"|(<a rel="next" href="[^"]*page=)\d+')
_ROW = re.compile(rb"<tr><td>.*?</tr>", re.DOTALL)


@_fault("the page before comes again", "more")
def page_repeated(struck: Struck) -> Reply:
    return struck.before or struck.good


@_fault("a page without its records", "pages")
def page_without_records(struck: Struck) -> Reply:
    return _with_records(struck.good, lambda _: [])


@_fault("pages end too early: this one leads nowhere", "order")
def page_missing(struck: Struck) -> Reply:
    body = re.sub(rb'"next_cursor":"[^"]*"', b'"next_cursor":null', struck.good.body)
    return replace(struck.good, body=re.sub(rb'<a rel="next".*?</a>', b"", body))


@_fault("a page leads back to itself", "order")
def page_loop(struck: Struck) -> Reply:
    params = struck.asked.params
    cursor, page = params.get("cursor", "x").encode(), params.get("page", "1").encode()
    body = _NEXT.sub(
        lambda found: found[1] + b'"' + cursor + b'"' if found[1] else found[2] + page,
        struck.good.body,
    )
    return replace(struck.good, body=body)


@_fault("a record of the page before comes again", "pages")
def pages_overlap(struck: Struck) -> Reply:
    return _with_records(struck.good, lambda own: _last_before(struck) + own)


@_fault("the pages have moved: one record comes twice, another not at all", "pages")
def pages_shifted(struck: Struck) -> Reply:
    moved = _last_before(struck)
    return _with_records(struck.good, lambda own: moved + own[: len(own) - len(moved)])


@_fault("the total has grown", "totals")
def total_changed(struck: Struck) -> Reply:
    body = _COUNTS.sub(lambda found: found[1] + b"%d" % (int(found[2]) + 1), struck.good.body)
    return replace(struck.good, body=body)


@_fault("a total below nothing", "totals")
def total_negative(struck: Struck) -> Reply:
    return replace(struck.good, body=_COUNTS.sub(rb"\1-1", struck.good.body))


def _last_before(struck: Struck) -> list[Any]:
    """The last record of the page before; none before the first page."""
    params = struck.asked.params
    is_first = "cursor" not in params and {params.get("page"), params.get("offset")} <= {
        *(None, "0", "1")
    }
    return [] if is_first or struck.before is None else _records(struck.before)[-1:]


def _records(page: Reply) -> list[Any]:
    """The records of a page: the list in its JSON, or the rows of its table."""
    if page.body.startswith(b"<"):
        return _ROW.findall(page.body)
    return _list_in(json.loads(page.body))


def _with_records(page: Reply, change: Callable[[list[Any]], list[Any]]) -> Reply:
    """The page with other records, its counts as they were."""
    wanted = change(_records(page))
    if page.body.startswith(b"<"):
        start, _, rest = page.body.partition(b"<tbody>")
        rest = rest.partition(b"</tbody>")[2]
        body = start + b"<tbody>" + b"\n".join(wanted) + b"</tbody>" + rest
        return replace(page, body=body)
    document = json.loads(page.body)
    _list_in(document)[:] = wanted
    return replace(page, body=json.dumps(document, separators=(",", ":")).encode())


def _list_in(document: Any) -> list[Any]:
    found = (
        document[1]
        if isinstance(document, list)
        else next(document[name] for name in ("records", "data", "vendors") if name in document)
    )
    assert isinstance(found, list)
    return found
