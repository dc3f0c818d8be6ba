"""SRIJAN DEEP: the vendor registry as paged JSON; locations, capabilities, products are nested.

A vendor here is one published spelling of a company, found in one source: (vendor_name,
source_url) identifies it. Nothing is derived but the ids, the nesting and the capabilities.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from math import ceil
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portals.data import Row, table
from portals.registry import portal
from portals.web import portal_app, whole_number

_CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_SOURCE = {
    "sourceUrl": "source_url",
    "publishedOn": "published_on",
    "publishedOnApprox": "published_on_approx",
    "publisher": "publisher",
}
_VENDOR = {
    "vendorName": "vendor_name",
    "canonicalName": "canonical_name",
    "vendorType": "vendor_type",
    "website": "website",
    "cin": "cin",
    "note": "note",
    **_SOURCE,
}
_PRODUCT = {
    "canonicalName": "canonical_name",
    "product": "product",
    "productCategory": "product_category",
    "technologyDomain": "technology_domain",
    **_SOURCE,
}
_LOCATION = {"city": "hq_city", "stateCode": "hq_state_code", "basis": "hq_basis"}


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/api/v1/vendors", _vendors_page)], _error)


@cache
def vendors() -> tuple[dict[str, Any], ...]:
    """Every vendor with what is nested in it, by registration id; each product exactly once."""
    rows = {_registration_id(row): row for row in table("vendor_registry/vendors")}
    products: dict[str, list[Row]] = defaultdict(list)
    for product in table("vendor_registry/vendor_products"):
        products[_home_of(product, rows)].append(product)
    return tuple(_vendor(key, rows[key], products[key]) for key in sorted(rows))


def _home_of(product: Row, vendor_rows: Mapping[str, Row]) -> str:
    """The vendor a product is nested in, of those with its canonical name.

    The one found in the same source; else the one spelled canonically; else the first id.
    """
    name, source = product["canonical_name"], product["source_url"]
    homes = {key: row for key, row in vendor_rows.items() if row["canonical_name"] == name}
    if not homes:
        raise LookupError(f"vendor_products.csv: {name!r} has no row in vendors.csv")
    return min(
        homes,
        key=lambda key: (
            homes[key]["source_url"] != source,
            homes[key]["vendor_name"] != name,
            key,
        ),
    )


def _vendor(key: str, row: Row, products: Iterable[Row]) -> dict[str, Any]:
    nested = sorted((_product(product) for product in products), key=lambda item: item["productId"])
    return {
        "registrationId": key,
        **_renamed(row, _VENDOR),
        "foundedYear": int(row["founded_year"]) if row["founded_year"] else None,
        "locations": [_renamed(row, _LOCATION)] if row["hq_state_code"] or row["hq_city"] else [],
        "capabilities": [
            {"technologyDomain": domain}
            for domain in sorted({product["technologyDomain"] for product in nested})
        ],
        "products": nested,
    }


def _product(row: Row) -> dict[str, Any]:
    key = _id("SP", row["canonical_name"], row["product"], row["source_url"])
    return {"productId": key, **_renamed(row, _PRODUCT)}


def _renamed(row: Row, names: Mapping[str, str]) -> dict[str, str | None]:
    return {public: row[column] or None for public, column in names.items()}


def _registration_id(row: Row) -> str:
    return _id("SD", row["vendor_name"], row["source_url"])


def _id(prefix: str, *parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{prefix}-{digest[:12].upper()}"


def _vendors_page(request: Request) -> Response:
    if request.headers.get("x-api-token") != portal("srijan_deep").token:
        raise HTTPException(401, "X-Api-Token is missing or not valid")
    page = whole_number(request, "page", 1, 1, 1_000_000)
    size = whole_number(request, "size", 50, 1, 100)
    found = vendors()
    return JSONResponse(
        {
            "page": page,
            "size": size,
            "totalPages": ceil(len(found) / size),
            "totalElements": len(found),
            "vendors": found[(page - 1) * size : page * size],
        }
    )


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    body = {"error": {"code": _CODES.get(status, "ERROR"), "message": message}}
    return JSONResponse(body, status, headers)
