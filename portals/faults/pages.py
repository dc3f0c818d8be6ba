"""Pages that do not make a whole. These know the shapes of the stand-ins' pages."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portals.faults.kinds import Struck, fault
from portals.wire import Reply

_COUNTS = re.compile(rb'("(?:total|totalElements|totalPages|pages)":|Total items: )(\d+)')
_NEXT = re.compile(rb'("next_cursor":)"[^"]*"|(<a rel="next" href="[^"]*page=)\d+')
_ROW = re.compile(rb"<tr><td>.*?</tr>", re.DOTALL)


@fault("the page before comes again", "more")
def page_repeated(struck: Struck) -> Reply:
    return struck.before or struck.good


@fault("a page without its records", "pages")
def page_without_records(struck: Struck) -> Reply:
    return _with_records(struck.good, lambda _: [])


@fault("pages end too early: this one leads nowhere", "order")
def page_missing(struck: Struck) -> Reply:
    body = re.sub(rb'"next_cursor":"[^"]*"', b'"next_cursor":null', struck.good.body)
    return replace(struck.good, body=re.sub(rb'<a rel="next".*?</a>', b"", body))


@fault("a page leads back to itself", "order")
def page_loop(struck: Struck) -> Reply:
    params = struck.asked.params
    cursor, page = params.get("cursor", "x").encode(), params.get("page", "1").encode()
    body = _NEXT.sub(
        lambda found: found[1] + b'"' + cursor + b'"' if found[1] else found[2] + page,
        struck.good.body,
    )
    return replace(struck.good, body=body)


@fault("a record of the page before comes again", "pages")
def pages_overlap(struck: Struck) -> Reply:
    return _with_records(struck.good, lambda own: _last_before(struck) + own)


@fault("the pages have moved: one record comes twice, another not at all", "pages")
def pages_shifted(struck: Struck) -> Reply:
    moved = _last_before(struck)
    return _with_records(struck.good, lambda own: moved + own[: len(own) - len(moved)])


@fault("the total has grown", "totals")
def total_changed(struck: Struck) -> Reply:
    body = _COUNTS.sub(lambda found: found[1] + b"%d" % (int(found[2]) + 1), struck.good.body)
    return replace(struck.good, body=body)


@fault("a total below nothing", "totals")
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
