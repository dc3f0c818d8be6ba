"""The marts of production and exports alone, built by the real dbt from what a test delivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from utpadan.load import ensure_staging
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT
from utpadan.transform.process import Dbt
from utpadan.transform.results import read_results

SUBJECTS = ("path:models/marts/production", "path:models/marts/exports")


def build_statistics(settings: Settings, *models: str) -> None:
    """Build these models (all of both subjects without one) and all they need into `marts_next`."""
    sources = load_sources()
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        ensure_staging(conn, sources.values())
    write_contracts(sources, PROJECT)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("create schema if not exists marts_next")
    selected = [f"+{model}" for model in models or SUBJECTS]
    dbt = Dbt(PROJECT, settings.home / "dbt", settings.builder_url)
    left_out = ["--exclude-resource-types", "test", "unit_test"]
    exit_code = dbt.run(["build", "--select", *selected, *left_out])
    nodes = read_results(dbt.target, datetime.now(UTC))
    assert exit_code == 0, [*dbt.errors, *(node.message for node in nodes if node.message)]


def rows_of(settings: Settings, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a query finds in the marts that were built, else in those that were published."""
    with psycopg.connect(settings.builder_url, options="-c search_path=marts_next,marts") as conn:
        return conn.execute(query.encode(), values).fetchall()
