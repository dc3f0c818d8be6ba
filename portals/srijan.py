"""SRIJAN: items offered for indigenisation, as HTML table pages."""

from html import escape
from math import ceil

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portals.data import Row, table
from portals.registry import portal
from portals.web import html_error, portal_app

_ROWS_A_PAGE = 25
_HEADERS = (
    "S.No.",
    "Item",
    "List",
    "DPSU / Service",
    "Indigenise by",
    "Note",
    "Source",
    "Published on",
    "Published (approx.)",
    "Publisher",
)
_TITLE = "SRIJAN - Items offered for indigenisation"


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/items", _items_page)], html_error)


def _items_page(request: Request) -> Response:
    items = table("vendor_registry/srijan_items")
    pages = ceil(len(items) / _ROWS_A_PAGE)
    page = request.query_params.get("page", "1")
    if not (page.isascii() and page.isdigit() and 1 <= int(page) <= pages):
        raise HTTPException(404, f"There is no page {page}. Pages run from 1 to {pages}.")
    return HTMLResponse(_document(_TITLE, _table(items, int(page)) + _navigation(int(page), pages)))


def _table(items: tuple[Row, ...], page: int) -> str:
    first = (page - 1) * _ROWS_A_PAGE
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in _HEADERS)
    body = "\n".join(
        _row(first + offset + 1, item)
        for offset, item in enumerate(items[first : first + _ROWS_A_PAGE])
    )
    return (
        f'<table id="items">\n<caption>{_TITLE}</caption>\n'
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n"
        f'<tfoot>\n<tr><td colspan="{len(_HEADERS)}">Total items: {len(items)}</td></tr>\n'
        "</tfoot>\n"
        "</table>\n"
    )


def _row(serial: int, item: Row) -> str:
    url = escape(item["source_url"], quote=True)
    day = "-".join(reversed(item["published_on"].split("-")))
    cells = (
        str(serial),
        *(_text(item[name]) for name in ("item_name", "list", "dpsu_or_service", "indigenise_by")),
        _text(item["note"]),
        f'<a href="{url}">{url}</a>',
        _text(day),
        _text(item["published_on_approx"]),
        _text(item["publisher"]),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _text(value: str) -> str:
    return escape(value) if value else "-"


def _navigation(page: int, pages: int) -> str:
    path = f"{portal('srijan').path}/items?page="
    links = []
    if page > 1:
        links.append(f'<a rel="prev" href="{path}{page - 1}">Previous</a>')
    links.append(f"<span>Page {page} of {pages}</span>")
    if page < pages:
        links.append(f'<a rel="next" href="{path}{page + 1}">Next</a>')
    return f"<nav>{' '.join(links)}</nav>\n"


def _document(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
