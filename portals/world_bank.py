"""World Bank Indicators API, version 2: its two-element array, its paging, its error in a 200."""

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portals.data import Row, number, table
from portals.web import portal_app

_COUNTRIES = frozenset({"ind", "in"})


class Indicator(NamedTuple):
    """An indicator's title and the table of `data/` that holds its values for India."""

    title: str
    table: str


INDICATORS: dict[str, Indicator] = {
    "PA.NUS.FCRF": Indicator(
        "Official exchange rate (LCU per US$, period average)",
        "reference/world_bank_exchange_rate",
    ),
    "NY.GDP.DEFL.ZS": Indicator(
        "GDP deflator (base year varies by country)",
        "reference/world_bank_gdp_deflator",
    ),
}


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/v2/country/{country}/indicator/{indicator}", _series)], _error)


def _series(request: Request) -> Response:
    key = request.path_params["indicator"].upper()
    if key not in INDICATORS or request.path_params["country"].lower() not in _COUNTRIES:
        return _invalid()
    page, size = _asked(request, "page", 1), _asked(request, "per_page", 50)
    years = _years(request.query_params.get("date", "1960:2100"))
    if page is None or size is None or years is None:
        return _invalid()
    if request.query_params.get("format") != "json":
        return _invalid("Invalid format", "This stand-in answers format=json only.")
    rows = [row for row in _newest_first(key) if years[0] <= row["year"] <= years[1]]
    values = [_value(key, row) for row in rows[(page - 1) * size : page * size]]
    return JSONResponse([_paging(page, size, len(rows)), values])


def _newest_first(key: str) -> list[Row]:
    return sorted(table(INDICATORS[key].table), key=lambda row: row["year"], reverse=True)


def _paging(page: int, size: int, total: int) -> dict[str, Any]:
    """`lastupdated` is null: the copies the values come from do not say."""
    return {
        "page": page,
        "pages": ceil(total / size),
        "per_page": size,
        "total": total,
        "sourceid": "2",
        "lastupdated": None,
    }


def _value(key: str, row: Row) -> dict[str, Any]:
    return {
        "indicator": {"id": key, "value": INDICATORS[key].title},
        "country": {"id": "IN", "value": "India"},
        "countryiso3code": "IND",
        "date": row["year"],
        "value": number(row["value"]),
        "unit": "",
        "obs_status": "",
        "decimal": 2,
    }


def _asked(request: Request, name: str, default: int) -> int | None:
    text = request.query_params.get(name, str(default))
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _years(text: str) -> tuple[str, str] | None:
    first, _, last = text.partition(":")
    last = last or first
    is_range = all(len(year) == 4 and year.isdigit() for year in (first, last))
    return (first, last) if is_range else None


def _invalid(
    key: str = "Invalid value", text: str = "The provided parameter value is not valid"
) -> Response:
    """As the real API: the error comes with status 200, as an array of one element."""
    return JSONResponse([{"message": [{"id": "120", "key": key, "value": text}]}])


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    body = [{"message": [{"id": str(status), "key": "Error", "value": message}]}]
    return JSONResponse(body, status, headers)
