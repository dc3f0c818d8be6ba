"""Great Expectations, and nothing else of the gate: rules become expectations and are validated.

The only module that imports Great Expectations, and only inside functions: it takes seconds. It
runs on one open connection that the caller has prepared (search path, views of current rows), in
an ephemeral context: no project files, no analytics, no network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from utpadan.quality.outcome import Finding
from utpadan.quality.suite import Rule, Suite

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
    from great_expectations.expectations.expectation import Expectation

SITE = "data_docs"

OBSERVED = {
    "details",
    "element_count",
    "missing_count",
    "observed_value",
    "partial_missing_list",
    "unexpected_percent",
}
"""What is kept of a result beside the count and the sample of offences."""


def compile_suite(suite: Suite) -> dict[str, Expectation]:
    """The expectation of every rule, by rule id.

    Raises SuiteError for a name that Great Expectations does not know and for arguments that the
    expectation refuses.
    """
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError

    compiled = {}
    for rule in suite.rules:
        try:
            compiled[rule.id] = _expectation(suite, rule)
        except ExpectationNotFoundError as error:
            why = f"Great Expectations has no {rule.expect!r}"
            raise suite.error(rule, [(("expect",), why)]) from error
        except ValidationError as error:
            issues = [(("kwargs", *issue["loc"]), issue["msg"]) for issue in error.errors()]
            raise suite.error(rule, issues) from error
    return compiled


def _expectation(suite: Suite, rule: Rule) -> Expectation:
    from great_expectations.expectations.core.unexpected_rows_expectation import (
        UnexpectedRowsExpectation,
    )
    from great_expectations.expectations.registry import get_expectation_impl

    shown: dict[str, Any] = {
        "description": rule.rule,
        "notes": f"{rule.severity}; answers for it: {suite.owner_of(rule)}. Test: {rule.test}",
        "severity": "critical" if rule.severity == "error" else "warning",
        "meta": {"rule": rule.id},
    }
    if rule.expect is None:
        # Braces are format fields to Great Expectations, which insists on one of them, {batch}.
        query = rule.sql.replace("{", "{{").replace("}", "}}")
        query = f"{query}\n/* of {{batch}} */"
        return UnexpectedRowsExpectation(unexpected_rows_query=query, **shown)
    return get_expectation_impl(rule.expect)(**rule.kwargs, **shown)


def validate(
    suite: Suite,
    compiled: Mapping[str, Expectation],
    connection: psycopg.Connection[Any],
    site: Path | None,
    examples: int,
) -> dict[str, Finding]:
    """Run compiled rules of a suite; write their Data Docs into the empty folder `site`.

    So many `examples` of what breaks a rule are shown. Every rule has a finding: one without a
    result, or whose test raised, is a fault.
    """
    batches: dict[tuple[str, str | None], list[Rule]] = {}
    for rule in suite.rules:
        if rule.id in compiled:
            batches.setdefault((rule.table, rule.where), []).append(rule)
    context = _context(site)
    datasource = _datasource(context, connection)
    findings = {name: _fault("Great Expectations gave no result") for name in compiled}
    for (table, where), rules in batches.items():
        batch = _batch(datasource, table, where, rules[0].id)
        name = f"{suite.boundary}.{suite.name}.{batch.data_asset.name}"
        findings |= _run(context, name, batch, [compiled[rule.id] for rule in rules], examples)
    if site is not None:
        context.build_data_docs(site_names=[SITE])
    return findings


def _context(site: Path | None) -> EphemeralDataContext:
    import great_expectations as gx
    from great_expectations.data_context.types import base

    sites = {
        SITE: {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(site),
            },
        }
    }
    config = base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites=sites if site else {},
        analytics_enabled=False,
        progress_bars=base.ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _datasource(
    context: EphemeralDataContext, connection: psycopg.Connection[Any]
) -> PostgresDatasource:
    """A data source on the connection given; its URL is a form to fill and holds no secret."""
    from sqlalchemy.pool import StaticPool

    info = connection.info
    return context.data_sources.add_postgres(
        "warehouse",
        connection_string=f"postgresql+psycopg://{info.user}@{info.host}:{info.port}/{info.dbname}",
        kwargs={"creator": lambda: connection, "poolclass": StaticPool},  # type: ignore[call-arg]
    )


def _batch(
    datasource: PostgresDatasource, table: str, where: str | None, first_rule: str
) -> BatchDefinition[Any]:
    if where is None:
        return datasource.add_table_asset(table).add_batch_definition_whole_table("rows")
    query = f"select * from {table} where {where}"  # nosec B608 # both from the suite, reviewed
    asset = datasource.add_query_asset(f"{table}__{first_rule}", query=query)
    return asset.add_batch_definition_whole_table("rows")


def _run(
    context: EphemeralDataContext,
    name: str,
    batch: BatchDefinition[Any],
    expectations: list[Expectation],
    examples: int,
) -> dict[str, Finding]:
    import great_expectations as gx

    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    format_ = {"result_format": "SUMMARY", "partial_unexpected_count": examples}
    documents: list[dict[str, Any]]
    documents = [result.to_json_dict() for result in definition.run(result_format=format_).results]
    return {d["expectation_config"]["meta"]["rule"]: _finding(d) for d in documents}


def _finding(document: Mapping[str, Any]) -> Finding:
    faults = _exceptions(document.get("exception_info") or {})
    if faults:
        return _fault(faults[0])
    result = {name: value for name, value in document["result"].items() if value is not None}
    count = result.get("unexpected_count")
    if document["expectation_config"]["type"] == "unexpected_rows_expectation":
        count = result["observed_value"]
    return Finding(
        success=document["success"] is True,
        observed={name: value for name, value in result.items() if name in OBSERVED},
        unexpected_count=count,
        sample=result.get("partial_unexpected_list", []),
    )


def _exceptions(info: Mapping[str, Any]) -> list[str]:
    """What was raised, in one line each: one record, or one for each failed metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    raised = [str(record["exception_message"]) for record in records if record["raised_exception"]]
    return [re.sub(r"^\(psycopg\.\S+\) ", "", text.strip().split("\n")[0]) for text in raised]


def _fault(why: str) -> Finding:
    return Finding(success=False, fault=why)
