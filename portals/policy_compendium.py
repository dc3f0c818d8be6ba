"""The policy compendium: one XLSX workbook with title rows, merged group headers and a footer."""

from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portals.compendium_sheets import SHEETS
from portals.data import last_modified, path_of
from portals.web import conditional, html_error, portal_app

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/state-policies.xlsx", _workbook)], html_error)


@cache
def workbook_bytes() -> bytes:
    """The workbook; the same facts give the same bytes."""
    from portals.workbook import build  # openpyxl takes a third of a second to import

    return build(SHEETS)


def _workbook(request: Request) -> Response:
    modified = last_modified(*(path_of(sheet.table) for sheet in SHEETS))
    name = {"Content-Disposition": 'attachment; filename="state-policies.xlsx"'}
    return conditional(request, workbook_bytes(), MEDIA_TYPE, modified, headers=name)
