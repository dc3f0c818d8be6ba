"""The marts of the vendors from the real input, over nights on which the registry is edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
from built_marts import build_subject
from real_chain import deliver_edited

from utpadan import nightly
from utpadan.fetch.bundle import Page, bundle
from utpadan.resolve.warehouse import list_for_review
from utpadan.settings import Settings
from utpadan.source import load_sources

REGISTRY = (
    "srijan_deep_vendors",
    "srijan_deep_vendor_locations",
    "srijan_deep_vendor_capabilities",
    "srijan_deep_vendor_products",
)
"""Sources that read the registry's delivery."""

Registration = dict[str, Any]


def build_vendors(settings: Settings) -> None:
    """The vendors, and the list of names that wait for review."""
    build_subject(settings, "vendors")
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        list_for_review(conn)


def deliver_registry(
    settings: Settings,
    at: datetime,
    folder: Path,
    edit: Callable[[list[Registration]], list[Registration]],
) -> None:
    """The registry's newest delivery, its registrations edited, is fetched at that moment."""
    sources = load_sources()

    def edited(content: bytes) -> bytes:
        with ZipFile(BytesIO(content)) as pages:
            bodies = {name: json.loads(pages.read(name)) for name in pages.namelist()}
        registrations = edit([row for body in bodies.values() for row in body["vendors"]])
        name, body = next(iter(bodies.items()))
        page = {**body, "totalPages": 1, "vendors": registrations}
        path = folder / "pages.zip"
        bundle([Page(name, json.dumps(page).encode())], path)
        return path.read_bytes()

    deliver_edited(settings, sources["srijan_deep_vendors"], edited, folder, at)
    for name in REGISTRY:
        nightly.load_source(settings, sources[name])


def deliver_aliases(settings: Settings, at: datetime, folder: Path, old: str, new: str) -> None:
    """The alias table's newest delivery with `new` in place of `old` is fetched at that moment."""
    source = load_sources()["vendor_aliases"]

    def edited(content: bytes) -> bytes:
        return content.replace(old.encode(), new.encode())

    deliver_edited(settings, source, edited, folder, at)
    nightly.load_source(settings, source)
