"""The marts of one subject, built by the real dbt without the others, and what a role reads."""

from __future__ import annotations

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


def build_subject(settings: Settings, subject: str) -> None:
    """A whole `marts_next` of the subject and all it is built from, which the gate has passed.

    Tests that ask for other models as well are left out.
    """
    sources = load_sources()
    with psycopg.connect(settings.loader_url, autocommit=True) as conn:
        ensure_staging(conn, sources.values())
    write_contracts(sources, PROJECT)
    with psycopg.connect(settings.builder_url, autocommit=True) as conn:
        conn.execute("set client_min_messages = warning")
        conn.execute("drop schema if exists marts_next cascade; create schema marts_next")
        dbt = Dbt(PROJECT, settings.home / "dbt", settings.builder_url)
        started = datetime.now(UTC)
        selected = ["--select", f"+path:models/marts/{subject}"]
        left_out = ["--indirect-selection", "cautious", "--exclude-resource-types", "unit_test"]
        exit_code = dbt.run(["build", *selected, *left_out])
        results = read_results(dbt.target, started)
        assert [(node.node, node.message) for node in results if node.status in BROKEN] == []
        assert exit_code == 0, dbt.errors
        build_id = uuid4()
        ledger.record_build(conn, build_id, publish.models_sha256(), ledger.newest_loads(conn))
        ledger.mark_audited(conn, build_id, passed=True)


def rows(url: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """What a query of this role finds, a dict a row."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        return conn.execute(query.encode(), values).fetchall()
