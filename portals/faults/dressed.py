"""Answers with status 200 that are no data, or data that is packed or labelled in some way."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from portals.faults.kinds import Struck, fault
from portals.wire import Reply

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


@fault("a web page, of maintenance")
def maintenance_page(_: Struck) -> Reply:
    return Reply(_MAINTENANCE % b"<p>We are back at 6.</p>", headers={"Content-Type": _HTML})


@fault("a web page that wants cookies and a script")
def cookie_page(_: Struck) -> Reply:
    body = b"<html><head><script src='/c.js'></script></head><body>Enable cookies</body></html>"
    return Reply(body, headers={"Content-Type": _HTML, "Set-Cookie": "seen=1"})


@fault("a redirect to a page that asks for a login")
def login(struck: Struck) -> Reply:
    if struck.asked.path.endswith("/login"):
        return Reply(b"<html><title>Log in</title><form></form></html>", 200)
    return Reply(status=302, headers={"Location": "/" + struck.asked.path.split("/")[1] + "/login"})


@fault("an error, as the portal words it, with status 200")
def error_document(struck: Struck) -> Reply:
    start = "/" + struck.asked.path.split("/")[1]
    if start in _ERRORS:
        body, kind = json.dumps(_ERRORS[start]).encode(), "application/json"
    else:
        body, kind = b"500 Internal Server Error\n", "text/plain"
    return Reply(body, headers={"Content-Type": kind})


@fault("an empty body")
def empty(struck: Struck) -> Reply:
    return replace(struck.good, body=b"")


# Packing, labels, clocks


@fault("packed, properly")
def packed(struck: Struck) -> Reply:
    return _packed(struck.good, gzip.compress(struck.good.body))


@fault("packed, and cut off with a length that agrees")
def packed_and_cut(struck: Struck) -> Reply:
    body = gzip.compress(struck.good.body)
    return _packed(struck.good, body[: len(body) * 2 // 3])


@fault("packed twice, and said once")
def packed_twice(struck: Struck) -> Reply:
    return _packed(struck.good, gzip.compress(gzip.compress(struck.good.body)))


@fault("said to be packed, and not")
def packed_in_name_only(struck: Struck) -> Reply:
    return _packed(struck.good, struck.good.body)


@fault("packed in a way that was not asked for")
def packed_unasked(struck: Struck) -> Reply:
    return _packed(struck.good, struck.good.body, "br")


@fault("a header that names another charset than the body has")
def wrong_charset(struck: Struck) -> Reply:
    kind = struck.good.headers.get("content-type", "text/plain").split(";")[0]
    return _labelled(struck.good, f"{kind}; charset=utf-16")


@fault("the data, called a web page")
def wrong_type(struck: Struck) -> Reply:
    return _labelled(struck.good, _HTML)


@fault("clocks a year ahead: Date and Last-Modified")
def clock_ahead(struck: Struck) -> Reply:
    ahead = format_datetime(datetime.now(UTC) + timedelta(days=365), usegmt=True)
    headers = {**struck.good.headers, "date": ahead, "last-modified": ahead}
    return replace(struck.good, headers=headers)


@fault("304 to whoever names a version")
def always_304(struck: Struck) -> Reply:
    asked = struck.asked.headers.keys() & {"if-none-match", "if-modified-since"}
    return Reply(status=304) if asked else struck.good


def _packed(good: Reply, body: bytes, encoding: str = "gzip") -> Reply:
    return replace(good, body=body, headers={**good.headers, "content-encoding": encoding})


def _labelled(good: Reply, kind: str) -> Reply:
    return replace(good, headers={**good.headers, "content-type": kind})
