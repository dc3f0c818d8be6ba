"""Some of the marts, built by the real dbt without the others, and what a role reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from utpadan import ledger, publish
from utpadan.load import ensure_staging
from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import write_contracts
from utpadan.transform.build import PROJECT
from utpadan.transform.process import Dbt
from utpadan.transform.results import BROKEN, read_results


def build_models(settings: Settings, *models: str) -> None:
    """Build these models and all they need into `marts_next`, and test nothing."""
    _prepare(settings, "create schema if not exists marts_next")
    selected = [f"+{model}" for model in models]
    _build(settings, "--select", *selected, "--exclude-resource-types", "test", "unit_test")


def build_subject(settings: Settings, subject: str) -> None:
    """A whole `marts_next` of the subject and all it is built from, which the gate has passed.

    Tests that ask for other models as well are left out.
    """
    _prepare(settings, "drop schema if exists marts_next cascade; create schema marts_next")
    selected = ["--select", f"+path:models/marts/{subject}"]
    left_out = ["--indirect-selection", "cautious", "--exclude-resource-types", "unit_test"]
    _build(settings, *selected, *left_out)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        build_id = uuid4()
        ledger.record_build(conn, build_id, publish.models_sha256(), ledger.newest_loads(conn))
        ledger.mark_audited(conn, build_id, passed=True)


def rows(url: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """What a query of this role finds, a dict a row."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        return conn.execute(query.encode(), values).fetchall()


def rows_of(settings: Settings, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a query finds in the marts that were built, else in those that were published."""
    with psycopg.connect(settings.builder_url, options="-c search_path=marts_next,marts") as conn:
        return conn.execute(query.encode(), values).fetchall()


def _prepare(settings: Settings, marts_next: str) -> None:
    sources = load_sources()
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        ensure_staging(conn, sources.values())
    write_contracts(sources, PROJECT)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute(marts_next.encode())


def _build(settings: Settings, *options: str) -> None:
    dbt = Dbt(PROJECT, settings.home / "dbt_of_a_part", settings.builder_url)
    started = datetime.now(UTC)
    exit_code = dbt.run(["build", *options])
    results = read_results(dbt.target, started)
    assert [(node.node, node.message) for node in results if node.status in BROKEN] == []
    assert exit_code == 0, dbt.errors
