"""Fictional export and import authorisations.

Exports add up exactly to the published number and value of authorisations of each year, and to
the published shares of defence undertakings and private companies; the figures are read from
`exports_annual.csv`. Destinations are drawn by how often `export_destinations.csv` names them.
Imports are calibrated to nothing: no figure is published.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple, TypeVar

from portals.data import table
from portals.sample.items import ITEMS, Item
from portals.sample.names import PRIVATE_COMPANIES, PUBLIC_UNDERTAKINGS

Record = dict[str, Any]
T = TypeVar("T")

AS_OF = date(2025, 6, 30)
"""The day on which the sample stands still."""

FISCAL_YEARS = ("2023-24", "2024-25")
_RUPEES_A_CRORE = 10_000_000
_IST = timedelta(hours=5, minutes=30)
_PUBLIC_SHARE_PERCENT = 18
_IMPORTS = {"2023-24": 190, "2024-25": 230}
_IMPORT_VALUE_INR = {"2023-24": 48_000_000_000, "2024-25": 55_000_000_000}
_ORIGINS = ("RUS", "FRA", "USA", "ISR", "DEU", "GBR", "ITA", "ESP", "KOR", "SWE", "CHE", "CZE")


class _Party(NamedTuple):
    """The columns that differ between an export and an import authorisation."""

    prefix: str
    company: str
    company_type: str
    country: str
    iso3: str


_EXPORT = _Party("EXA", "exporter_name", "exporter_type", "destination_country", "destination_iso3")
_IMPORT = _Party("IMA", "importer_name", "importer_type", "origin_country", "origin_iso3")


@cache
def exports() -> tuple[Record, ...]:
    """Export authorisations in the order (updated_at, authorisation_id)."""
    rng = Random("utpadan sample: export authorisations")  # nosec B311 # to be repeatable
    places = Counter(row["iso3"] for row in table("production_exports/export_destinations"))
    return _ordered(
        record
        for year in FISCAL_YEARS
        for record in _year(rng, _EXPORT, year, _published_values(rng, year), places)
    )


@cache
def imports() -> tuple[Record, ...]:
    """Import authorisations in the order (updated_at, authorisation_id)."""
    rng = Random("utpadan sample: import authorisations")  # nosec B311 # to be repeatable
    places = Counter({iso3: len(_ORIGINS) - rank for rank, iso3 in enumerate(_ORIGINS)})
    return _ordered(
        record
        for year in FISCAL_YEARS
        for record in _year(rng, _IMPORT, year, _free_values(rng, year), places)
    )


def published(year: str, sector: str, measure: str) -> int:
    """The figure of `exports_annual.csv` that the most statements of that year give."""
    found = Counter(
        row["value"]
        for row in table("production_exports/exports_annual")
        if (row["fiscal_year"], row["sector"], row["measure"]) == (year, sector, measure)
    )
    if not found:
        raise LookupError(f"exports_annual.csv states no {measure} of {sector} for {year}")
    return int(found.most_common(1)[0][0])


def _published_values(rng: Random, year: str) -> dict[str, list[int]]:
    """Rupee values by company type: as many as authorisations, summing to the published values."""
    count = published(year, "total", "authorisations_count")
    dpsu = count * _PUBLIC_SHARE_PERCENT // 100
    counts = {"dpsu": dpsu, "private": count - dpsu}
    return {
        kind: _split(rng, published(year, kind, "value_crore") * _RUPEES_A_CRORE, counts[kind])
        for kind in counts
    }


def _free_values(rng: Random, year: str) -> dict[str, list[int]]:
    half = _IMPORTS[year] // 2
    total = _IMPORT_VALUE_INR[year]
    return {
        "dpsu": _split(rng, total * 2 // 3, half),
        "private": _split(rng, total - total * 2 // 3, _IMPORTS[year] - half),
    }


def _split(rng: Random, total: int, parts: int) -> list[int]:
    """`total` in so many whole parts, a few large and most small; they sum to it exactly."""
    weights = [30_000 + rng.randint(1, 100) ** 4 for _ in range(parts)]
    whole = sum(weights)
    values = [total * weight // whole for weight in weights]
    values[weights.index(max(weights))] += total - sum(values)
    return values


def _year(
    rng: Random, party: _Party, year: str, values: dict[str, list[int]], places: Counter[str]
) -> Iterator[Record]:
    start = date(int(year[:4]), 4, 1)
    days = (date(start.year + 1, 4, 1) - start).days
    drafts = [(rng.randrange(days), kind, value) for kind in values for value in values[kind]]
    for number, (day, kind, value) in enumerate(sorted(drafts), 1):
        key = f"{party.prefix}-{year}-{number:05d}"
        yield _authorisation(rng, party, key, start + timedelta(day), kind, value, places)


def _authorisation(
    rng: Random,
    party: _Party,
    key: str,
    issued_on: date,
    kind: str,
    value_inr: int,
    places: Counter[str],
) -> Record:
    item = _weighted(rng, ITEMS, [item.weight for item in ITEMS])
    iso3 = _weighted(rng, sorted(places), [places[place] for place in sorted(places)])
    years = _weighted(rng, (1, 2, 3), (20, 70, 10))
    valid_until = issued_on + timedelta(365 * years - 1)
    status, updated_at = _last_change(rng, issued_on, valid_until)
    companies = PUBLIC_UNDERTAKINGS if kind == "dpsu" else PRIVATE_COMPANIES
    return {
        "authorisation_id": key,
        party.company: rng.choice(companies),
        party.company_type: kind,
        party.country: _country_names()[iso3],
        party.iso3: iso3,
        **_goods(item, value_inr),
        "issued_on": issued_on.isoformat(),
        "valid_until": valid_until.isoformat(),
        "status": status,
        "updated_at": updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "is_sample": True,
    }


def _goods(item: Item, value_inr: int) -> Record:
    return {
        "munitions_category": item.category,
        "scomet_code": _scomet_codes()[item.category],
        "item_description": item.description,
        "hs_code": item.hs_code,
        "quantity": max(1, value_inr // item.unit_price_inr),
        "quantity_unit": item.quantity_unit,
        "value_inr": value_inr,
    }


def _last_change(rng: Random, issued_on: date, valid_until: date) -> tuple[str, datetime]:
    """Status on AS_OF and when it last changed: in office hours, or at midnight for an expiry."""
    moment = time(10 + rng.randrange(8), rng.randrange(60), rng.randrange(60))
    amended_on = issued_on + timedelta(20 + rng.randrange(280))
    is_amended = rng.randrange(100) < 12 and amended_on <= AS_OF
    if valid_until < AS_OF:
        return "expired", _utc(valid_until + timedelta(1), time())
    if is_amended:
        return "amended", _utc(amended_on, moment)
    return "issued", _utc(issued_on, moment)


def _utc(day: date, indian_time: time) -> datetime:
    return datetime.combine(day, indian_time, UTC) - _IST


def _weighted(rng: Random, choices: Sequence[T], weights: Sequence[int]) -> T:
    ticket = rng.randrange(sum(weights))
    for choice, weight in zip(choices, weights, strict=True):
        ticket -= weight
        if ticket < 0:
            return choice
    raise AssertionError("the ticket is below the sum of the weights")


def _ordered(records: Iterator[Record]) -> tuple[Record, ...]:
    return tuple(
        sorted(records, key=lambda record: (record["updated_at"], record["authorisation_id"]))
    )


@cache
def _country_names() -> dict[str, str]:
    return {row["iso3"]: row["country"] for row in table("production_exports/export_destinations")}


@cache
def _scomet_codes() -> dict[str, str]:
    return {
        row["wassenaar_ml"]: row["ml_code"] for row in table("production_exports/export_controls")
    }
