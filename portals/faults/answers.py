"""Answers that say that something is wrong, that do not arrive, or that lead elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from portals.faults.kinds import FAULTS, FaultKind, Struck, fault
from portals.wire import Reply


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


@fault("429 until a date, by a clock that is a day ahead")
def too_many_requests_until_a_date(_: Struck) -> Reply:
    now = datetime.now(UTC) + timedelta(days=1)
    until = format_datetime(now + timedelta(seconds=1), usegmt=True)
    return Reply(b"", 429, {"Date": format_datetime(now, usegmt=True), "Retry-After": until})


# Answers that do not arrive


@fault("the answer comes byte by byte, each after a pause")
def slow_drip(struck: Struck) -> Reply:
    return replace(struck.good, drip_s=0.05)


@fault("the request is taken and nothing is said")
def silence(_: Struck) -> Reply:
    return Reply(ending="silent")


@fault("the connection is reset in the middle of the body")
def reset(struck: Struck) -> Reply:
    return replace(struck.good, sent=_middle(struck), ending="reset")


@fault("the body ends before its length is reached")
def cut_short(struck: Struck) -> Reply:
    return replace(struck.good, sent=_middle(struck), ending="hang up")


@fault("the body is cut off, and its length agrees")
def cut_with_right_length(struck: Struck) -> Reply:
    return replace(struck.good, body=struck.good.body[: _middle(struck)])


@fault("the chunks of the body do not end")
def chunks_cut(struck: Struck) -> Reply:
    return replace(struck.good, framing="chunked", sent=_middle(struck), ending="hang up")


@fault("HTTP/1.0: the body ends with the connection, and too early")
def closed_early(struck: Struck) -> Reply:
    return replace(struck.good, framing="close", sent=_middle(struck))


@fault("HTTP/1.0: the body ends with the connection, as it should")
def closed_in_time(struck: Struck) -> Reply:
    return replace(struck.good, framing="close")


@fault("the body never ends")
def endless(struck: Struck) -> Reply:
    return replace(struck.good, framing="chunked", ending="endless")


@fault("something else listens on the port")
def no_http(_: Struck) -> Reply:
    return Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n")


@fault("two lengths that disagree")
def two_lengths(struck: Struck) -> Reply:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 9\r\n\r\n"
    return Reply(raw=head + struck.good.body)


@fault("a header longer than any")
def long_header(_: Struck) -> Reply:
    return Reply(raw=b"HTTP/1.1 200 OK\r\nX-Trace: " + b"x" * 500_000)


def _middle(struck: Struck) -> int:
    return len(struck.good.body) * 2 // 3


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


@fault("a redirect to itself, for ever")
def redirect_loop(struck: Struck) -> Reply:
    return Reply(status=302, headers={"Location": _itself(struck)})


@fault("a redirect to itself, until the cookie that comes with it is sent")
def cookie_wall(struck: Struck) -> Reply:
    if "seen=1" in struck.asked.headers.get("cookie", ""):
        return struck.good
    return Reply(status=302, headers={"Location": _itself(struck), "Set-Cookie": "seen=1; Path=/"})


@fault("a redirect to the same host by HTTPS, on another port")
def redirect_https(struck: Struck) -> Reply:
    host = struck.asked.headers.get("host", "").split(":")[0]
    return Reply(status=301, headers={"Location": f"https://{host}:9{_itself(struck)}"})


def _itself(struck: Struck) -> str:
    return f"{struck.asked.path}?{struck.asked.query}" if struck.asked.query else struck.asked.path
