"""A staging schema, contracts and suites of a test's own, and the gate that runs on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from utpadan.quality import AuditResult, GateFailed, audit

CONTRACT = """
title: Companies
description: Companies that were registered, made for the tests of the gates.
publisher: {{name: Nobody, official: false}}
licence: {{name: Sample, note: made up}}
owner: test-desk
fetch: {{kind: file, path: none.csv}}
format: {{kind: csv}}
delivery: complete
grain: one company as registered
key: [name]
rows: {{min: 0, max: 10, max_change: 1}}
freshness_days: 1
max_bad_share: 0
columns:
  name: {{type: text, required: true, description: Name of the company}}
  state: {{type: text, description: State of the company}}
  turnover: {{type: numeric, unit: INR crore, description: Turnover of a year}}
  email: {{type: text, personal: {personal}, description: Address of a person}}
"""

COMPANIES = """
create table {schema}.{table} (
    name text, state text, turnover numeric, email text,
    _extra jsonb, _load_id bigint, _line bigint, _known_from timestamptz, _known_to timestamptz
);
grant all on {schema}.{table} to utpadan_loader, utpadan_builder;
insert into {schema}.{table} values
    ('Akhanda', 'IN-KA', 10, 'a@example.org', null, 1, 2, '2025-01-01', null),
    ('Barod', 'IN-UP', 20, 'b@example.org', null, 1, 3, '2025-01-01', null),
    ('Chirag', 'IN-XX', 999, 'c@example.org', null, 1, 4, '2025-01-01', '2025-02-01');
"""
"""Two current companies and one that was closed: 999 and IN-XX are history."""


SUITE = "registry_of_tests"


class Gate:
    """A staging schema and a marts schema of the test's own, and suites to run on them."""

    def __init__(self, warehouse: Any, folder: Path, schema: str) -> None:
        self.warehouse, self.folder, self.schema = warehouse, folder, schema
        self.sources = folder / "sources"
        self.contract("companies")
        self.sql(f"create schema {schema}; grant all on schema {schema} to utpadan_loader")
        self.sql(f"grant usage on schema {schema} to utpadan_builder")
        self.sql(COMPANIES.format(schema=schema, table="companies"))

    def sql(self, text: str) -> None:
        with psycopg.connect(self.warehouse.admin_url) as connection:
            connection.execute(text)

    def contract(self, table: str, personal: str = "true", more: str = "") -> None:
        path = self.sources / "registry" / table / "source.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTRACT.format(personal=personal) + more, encoding="utf-8")

    def run(self, *rules: str, boundary: str = "staging", name: str = SUITE) -> AuditResult:
        """The result of a suite of these rules, whether it lets pass or not."""
        path = self.folder / boundary / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["title: Companies", "owner: test-desk", "rules:", *rules]))
        url = self.warehouse.loader_url if boundary == "staging" else self.warehouse.builder_url
        docs = self.folder / "docs"
        try:
            return audit(path, url, self.schema, docs=docs, sources=self.sources)
        except GateFailed as stopped:
            assert stopped.result.errors
            self.message = str(stopped)
            return stopped.result

    def rows(self, result: AuditResult) -> list[dict[str, Any]]:
        """What was written down of a run, in order."""
        with psycopg.connect(self.warehouse.admin_url, row_factory=dict_row) as connection:
            return connection.execute(
                "select * from ops.check_result where run_id = %s order by check_id",
                (result.run_id,),
            ).fetchall()


def rule(
    test: str, severity: str = "error", table: str = "companies", id_: str = "the_rule"
) -> str:
    """A rule in YAML around `test`, its lines that say how it is tested."""
    lines = "\n    ".join(test.splitlines())
    return (
        f"  - id: {id_}\n    rule: Something must hold of every row, {id_}.\n"
        f"    table: {table}\n    severity: {severity}\n    {lines}"
    )
