"""Settings of the warehouse from Airflow's connections, so that Airflow's backends keep secrets."""

from __future__ import annotations

import os
from urllib.parse import quote, urlencode

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from utpadan.settings import Settings, portal_variable
from utpadan.source import HttpFetch, load_sources

DATABASES = {"warehouse": "UTPADAN_LOADER_URL", "warehouse_builder": "UTPADAN_BUILDER_URL"}


def settings() -> Settings:
    """The environment, completed by the connections `warehouse`, `warehouse_builder` and portals.

    A portal without a connection is asked at the address of its contract.
    """
    values = dict(os.environ)
    for name, variable in DATABASES.items():
        if found := connection(name):
            values[variable] = _url(found)
    fetches = (source.fetch for source in load_sources().values())
    for name in sorted({fetch.connection for fetch in fetches if isinstance(fetch, HttpFetch)}):
        if found := connection(name):
            values[portal_variable(name, "URL")] = found.host or ""
            values[portal_variable(name, "TOKEN")] = found.password or ""
    return Settings.load(values)


def _url(found: Connection) -> str:
    login, password = (quote(part or "", safe="") for part in (found.login, found.password))
    place = f"{found.host}:{found.port or 5432}/{found.schema}"
    query = urlencode(found.extra_dejson)
    return f"postgresql://{login}:{password}@{place}" + (f"?{query}" if query else "")


def connection(name: str) -> Connection | None:
    """The connection of that name, from whatever backend; None when there is none."""
    try:
        found: Connection = Connection.get(name)
    except AirflowNotFoundException:
        return None
    return found
