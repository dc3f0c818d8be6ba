"""Open Government Data Platform (data.gov.in): resources as JSON by offset, limit and api-key."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portals.data import Row, columns, number, table
from portals.registry import portal
from portals.web import portal_app, whole_number

DEMO_KEY = "579b464db66ec23bdd000001sample"
"""As on the platform, a key anybody may try, for few records a call."""
_DEMO_LIMIT = 10
_LIMIT = 100
_NUMBERS = frozenset({"value"})


class Resource(NamedTuple):
    """A published resource and the table of `data/` behind it."""

    uuid: str
    catalog_uuid: str
    table: str
    title: str


RESOURCES: tuple[Resource, ...] = (
    Resource(
        "5d0c7f1e-6b7a-5c43-9a39-1f0a6a4f2b10",
        "b1d7a6c0-3f0e-5a52-8a43-90a1d0f3c7e1",
        "production_exports/production_annual",
        "Value of defence production, by year and sector, as stated",
    ),
    Resource(
        "8a9e4c52-0b0d-5f8e-b7f1-6f4f6c1d9e21",
        "c4f28e97-52a6-5d0b-9e1c-7b6d2a8f5032",
        "production_exports/exports_annual",
        "Defence exports, by year and sector, as stated",
    ),
)


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/resource/{uuid}", _resource)], _error)


def _resource(request: Request) -> Response:
    key = request.query_params.get("api-key")
    if key not in (portal("open_government_data").token, DEMO_KEY):
        raise HTTPException(403, "Key not authorised")
    found = [entry for entry in RESOURCES if entry.uuid == request.path_params["uuid"]]
    if not found:
        raise HTTPException(404, "Meta not found")
    if request.query_params.get("format", "json") != "json":
        raise HTTPException(400, "only format=json is served here")
    offset = whole_number(request, "offset", 0, 0, 1_000_000)
    limit = whole_number(request, "limit", _DEMO_LIMIT, 1, 1_000_000)
    limit = min(limit, _DEMO_LIMIT if key == DEMO_KEY else _LIMIT)
    return JSONResponse(_page(found[0], offset, limit))


def _page(resource: Resource, offset: int, limit: int) -> dict[str, Any]:
    rows = table(resource.table)
    records = [_record(row) for row in rows[offset : offset + limit]]
    updated = max(row["published_on"] for row in rows)
    return {
        "index_name": resource.uuid,
        "title": resource.title,
        "desc": resource.title,
        "org_type": "Central",
        "org": ["Ministry of Defence", "Department of Defence Production"],
        "sector": ["Defence"],
        "source": "data.gov.in",
        "catalog_uuid": resource.catalog_uuid,
        "visualizable": "1",
        "active": "1",
        "updated_date": f"{updated}T00:00:00Z",
        "field": [_field(column) for column in columns(resource.table)],
        "message": "Resource detail",
        "version": "2.2.0",
        "status": "ok",
        "total": len(rows),
        "count": len(records),
        "limit": str(limit),
        "offset": str(offset),
        "records": records,
    }


def _field(column: str) -> dict[str, str]:
    kind = "double" if column in _NUMBERS else "keyword"
    return {"id": column, "name": column.replace("_", " ").title(), "type": kind}


def _record(row: Row) -> dict[str, Any]:
    return {
        column: number(text) if column in _NUMBERS else text or None for column, text in row.items()
    }


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    body = {"error": message} if status == 403 else {"status": "error", "message": message}
    return JSONResponse(body, status, headers)
