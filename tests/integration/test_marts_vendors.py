"""Vendors over three nights: new, changed, renamed, withdrawn, returned; and what 360 gathers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import md5

import pytest
from built_marts import rows
from real_chain import load_everything
from vendor_marts import Registration, build_vendors, deliver_aliases, deliver_registry

from utpadan.settings import Settings
from utpadan.source import load_sources

NEW_PAGE = "https://example.org/a-new-yard"
WITHDRAWN = "OIS Aerospace"
VERIVIN = md5(b"=Verivin Defence").hexdigest()
"""vendor_id: the hash of the one part of the key, marked as not null by the sign before it."""

HISTORY = """
select version_number, known_from, known_to, canonical_name, vendor_type, registrations
from marts_next.dim_vendor_history
where vendor_id = %s
order by version_number
"""
NEW_YARD: Registration = {
    "registrationId": "SD-0123456789AB",
    "vendorName": "New Yard Sample Pvt Ltd",
    "canonicalName": "New Yard Sample",
    "vendorType": "msme",
    "website": None,
    "cin": None,
    "note": None,
    "sourceUrl": NEW_PAGE,
    "publishedOn": "2026-01-05",
    "publishedOnApprox": None,
    "publisher": "Example",
    "foundedYear": None,
    "locations": [],
    "capabilities": [],
    "products": [],
}


@pytest.fixture(scope="module")
def nights(
    shared_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, list[datetime]]]:
    """The real input; then edits; then the registration that was withdrawn comes back."""
    settings, folder = shared_warehouse, tmp_path_factory.mktemp("registry")
    load_everything(settings, load_sources())
    (first,) = rows(
        settings.loader_url, "select max(_known_from) as night from staging.srijan_deep_vendors"
    )
    night = [first["night"] + timedelta(days=day) for day in range(3)]
    gone: list[Registration] = []

    def second(registrations: list[Registration]) -> list[Registration]:
        for row in registrations:
            for part in (row, *row["products"]):
                if part["canonicalName"] == "Verivin Defence":
                    part["canonicalName"] = "Werywin Defence"
            if row["canonicalName"] == "Zmotion Autonomous Systems":
                row["vendorType"] = "msme"
        gone.extend(row for row in registrations if row["canonicalName"] == WITHDRAWN)
        return [*(row for row in registrations if row not in gone), NEW_YARD]

    deliver_registry(settings, night[1], folder, second)
    deliver_aliases(settings, night[1], folder, "\nVerivin Defence,", "\nWerywin Defence,")
    deliver_registry(settings, night[2], folder, lambda registrations: [*registrations, *gone])
    build_vendors(settings)
    yield settings, night


def history(settings: Settings, vendor_id: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(settings.builder_url, HISTORY, vendor_id)]


def vendor_id_of(name: str) -> str:
    return md5(f"={name}".encode()).hexdigest()


def test_a_renamed_vendor_keeps_its_id_its_aliases_and_a_version_for_each_name(
    nights: tuple[Settings, list[datetime]],
) -> None:
    settings, night = nights
    assert history(settings, VERIVIN) == [
        (1, night[0], night[1], "Verivin Defence", "msme", 1),
        (2, night[1], None, "Werywin Defence", "msme", 1),
    ]
    (vendor,) = rows(
        settings.builder_url,
        "select canonical_name, first_canonical_name from marts_next.dim_vendor "
        "where vendor_id = %s",
        VERIVIN,
    )
    assert vendor == {
        "canonical_name": "Werywin Defence",
        "first_canonical_name": "Verivin Defence",
    }
    # Lines 111 to 113 of vendor_aliases.csv and lines 67 and 68 of corridor_units.csv.
    named = rows(
        settings.builder_url,
        "select distinct vendor_name from marts_next.bridge_vendor_alias where vendor_id = %s",
        VERIVIN,
    )
    assert {row["vendor_name"] for row in named} >= {
        "Veriwin Defence",
        "Werywin Defence",
        "Werywin Defence Pvt Ltd",
        "Verivin (Werywin) Defence",
    }


def test_a_changed_kind_is_a_new_version(nights: tuple[Settings, list[datetime]]) -> None:
    settings, night = nights
    assert history(settings, vendor_id_of("Zmotion Autonomous Systems")) == [
        (1, night[0], night[1], "Zmotion Autonomous Systems", "startup", 1),
        (2, night[1], None, "Zmotion Autonomous Systems", "msme", 1),
    ]


def test_a_withdrawn_vendor_ends_and_returns_after_a_gap_with_its_id(
    nights: tuple[Settings, list[datetime]],
) -> None:
    settings, night = nights
    versions = history(settings, vendor_id_of(WITHDRAWN))
    assert [version[:4] for version in versions] == [
        (1, night[0], night[1], WITHDRAWN),
        (2, night[2], None, WITHDRAWN),
    ]


def test_a_new_vendor_begins_on_its_night(nights: tuple[Settings, list[datetime]]) -> None:
    settings, night = nights
    assert history(settings, vendor_id_of("New Yard Sample")) == [
        (1, night[1], None, "New Yard Sample", "msme", 1)
    ]


def test_what_nobody_touched_has_one_version(nights: tuple[Settings, list[datetime]]) -> None:
    settings, night = nights
    touched = [vendor_id_of(n) for n in ("Zmotion Autonomous Systems", WITHDRAWN)]
    (found,) = rows(
        settings.builder_url,
        "select count(*) as versions, count(distinct vendor_id) as vendors, "
        "min(known_from) <= %s as is_from_the_first_night from marts_next.dim_vendor_history "
        "where vendor_id <> all (%s)",
        night[0],
        [*touched, VERIVIN],
    )
    assert found["versions"] == found["vendors"]
    assert found["is_from_the_first_night"]


def test_as_known_on_the_second_night_is_one_predicate(
    nights: tuple[Settings, list[datetime]],
) -> None:
    settings, night = nights
    moment = night[1] + timedelta(hours=1)
    known = rows(
        settings.builder_url,
        "select canonical_name from marts_next.dim_vendor_history "
        "where known_from <= %s and (known_to is null or %s < known_to)",
        moment,
        moment,
    )
    names = {row["canonical_name"] for row in known}
    assert {"Werywin Defence", "New Yard Sample"} <= names
    assert not names & {"Verivin Defence", WITHDRAWN}


def test_the_whole_of_a_vendor_is_what_the_sources_tell(
    nights: tuple[Settings, list[datetime]],
) -> None:
    settings, _ = nights
    shown = {
        row.pop("canonical_name"): row
        for row in rows(
            settings.builder_url,
            "select canonical_name, awards, idex_awards, contracts, idex_contracts, "
            "technology_transfers, tdf_projects, export_deals, corridor_units, memoranda "
            "from marts_next.mart_vendor_360 where canonical_name = any(%s)",
            ["BEML", "Zmotion Autonomous Systems"],
        )
    }
    # BEML: lines 5, 11 and 12 of technology_transfers.csv, lines 9, 10 and 19 of mous.csv (a party,
    # or one of two in a cell), nothing in the other files.
    assert shown["BEML"] == {
        "awards": 0,
        "idex_awards": 0,
        "contracts": 0,
        "idex_contracts": 0,
        "technology_transfers": 3,
        "tdf_projects": 0,
        "export_deals": 0,
        "corridor_units": 0,
        "memoranda": 3,
    }
    # Named in the registry and the alias table only.
    assert set(shown["Zmotion Autonomous Systems"].values()) == {0}


def test_items_show_the_deadline_of_their_own_or_of_their_list(
    nights: tuple[Settings, list[datetime]],
) -> None:
    settings, _ = nights
    found = rows(
        settings.builder_url,
        "select list_name, milestone, deadline_basis, min(deadline_to)::text as deadline_to, "
        "count(*) as items from marts_next.fct_indigenisation_item "
        "group by list_name, milestone, deadline_basis order by list_name, items",
    )
    # srijan_items.csv: 8 items of PIL-1, 24 of PIL-2 (two with a month of their own, December 2024
    # and 2025), 18 of PIL-3, 21 of PIL-5. indigenisation_lists.csv: PIL-2 ends in December 2025,
    # PIL-3 in December 2027, the others state no end. Nothing is known of interest.
    assert [tuple(row.values()) for row in found] == [
        ("DMA PIL-1", "listed", None, None, 8),
        ("DMA PIL-2", "listed", "item", "2025-01-01", 2),
        ("DMA PIL-2", "listed", "list", "2026-01-01", 22),
        ("DMA PIL-3", "listed", "list", "2028-01-01", 18),
        ("DMA PIL-5", "listed", None, None, 21),
    ]
