"""UN Comtrade API, version 1: India's trade in HS chapter 93. Sample figures, marked as such."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portals.data import Row, table
from portals.registry import portal
from portals.web import portal_app

_KEY_HEADER = "ocp-apim-subscription-key"
_FLOWS = {"X": "Export", "M": "Import"}
_WORLD = {"partner_code": "0", "partner_iso3": "W00", "partner": "World"}
_FILTERS = ("reporterCode", "period", "cmdCode", "flowCode", "partnerCode")
_REQUIRED = ("reporterCode", "period", "cmdCode", "flowCode")


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/data/v1/get/C/A/HS", _final_data)], _error)


@cache
def records() -> tuple[dict[str, Any], ...]:
    """A record for each partner, flow and year, and one for the world: the sum of its partners."""
    rows = table("reference/un_comtrade_hs93")
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["period"], row["flow_code"]].append(row)
    found: list[dict[str, Any]] = []
    for group in groups.values():
        world = {
            name: str(sum(int(row[name]) for row in group))
            for name in ("value_usd", "net_weight_kg")
        }
        found.append(_record({**group[0], **_WORLD, **world}, is_aggregate=True))
        found.extend(_record(row, is_aggregate=False) for row in group)
    return tuple(found)


def _final_data(request: Request) -> Response:
    key = request.headers.get(_KEY_HEADER)
    if key is None:
        raise HTTPException(401, "Access denied due to missing subscription key.")
    if key != portal("un_comtrade").token:
        raise HTTPException(401, "Access denied due to invalid subscription key.")
    missing = [name for name in _REQUIRED if name not in request.query_params]
    if missing:
        return _answer([], f"missing parameter: {', '.join(missing)}", 400)
    wanted = {
        name: set(request.query_params[name].split(","))
        for name in _FILTERS
        if name in request.query_params
    }
    return _answer(
        [
            record
            for record in records()
            if all(str(record[name]) in values for name, values in wanted.items())
        ]
    )


def _answer(data: list[dict[str, Any]], error: str = "", status: int = 200) -> Response:
    body = {"elapsedTime": "0.01 secs", "count": len(data), "data": data, "error": error}
    return JSONResponse(body, status)


def _record(row: Row, *, is_aggregate: bool) -> dict[str, Any]:
    value, weight = int(row["value_usd"]), int(row["net_weight_kg"])
    is_import = row["flow_code"] == "M"
    return {
        **_period(row["period"]),
        "reporterCode": 699,
        "reporterISO": "IND",
        "reporterDesc": "India",
        "flowCode": row["flow_code"],
        "flowDesc": _FLOWS[row["flow_code"]],
        "partnerCode": int(row["partner_code"]),
        "partnerISO": row["partner_iso3"],
        "partnerDesc": row["partner"],
        "partner2Code": 0,
        "partner2ISO": "W00",
        "partner2Desc": "World",
        **_commodity(),
        **_no_quantity(),
        "netWgt": weight,
        "isNetWgtEstimated": False,
        "grossWgt": None,
        "isGrossWgtEstimated": False,
        "cifvalue": value if is_import else None,
        "fobvalue": None if is_import else value,
        "primaryValue": value,
        "legacyEstimationFlag": 0,
        "isReported": not is_aggregate,
        "isAggregate": is_aggregate,
        "is_sample": row["is_sample"] == "true",
    }


def _period(year: str) -> dict[str, Any]:
    return {
        "typeCode": "C",
        "freqCode": "A",
        "refPeriodId": int(f"{year}0101"),
        "refYear": int(year),
        "refMonth": 52,
        "period": year,
    }


def _commodity() -> dict[str, Any]:
    return {
        "classificationCode": "H6",
        "classificationSearchCode": "HS",
        "isOriginalClassification": True,
        "cmdCode": "93",
        "cmdDesc": "Arms and ammunition; parts and accessories thereof",
        "aggrLevel": 2,
        "isLeaf": False,
        "customsCode": "C00",
        "customsDesc": "TOTAL CPC",
        "mosCode": "0",
        "motCode": 0,
        "motDesc": "TOTAL MOT",
    }


def _no_quantity() -> dict[str, Any]:
    """A chapter mixes units: the API gives no quantity for it."""
    return {
        "qtyUnitCode": -1,
        "qtyUnitAbbr": "N/A",
        "qty": None,
        "isQtyEstimated": False,
        "altQtyUnitCode": -1,
        "altQtyUnitAbbr": "N/A",
        "altQty": None,
        "isAltQtyEstimated": False,
    }


def _error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status, headers)
