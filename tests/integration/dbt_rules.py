"""Every rule of the dbt project that stops a build, counted from its manifest, and how to break it.

A data test finds rows in what is built; a constraint is a key or a `not null` of the tables. How a
rule is broken follows from its kind and its arguments; where that does not break it, or breaks
another one as well, `spoiled_dbt_tests.yml` has the statements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Node = Mapping[str, Any]

SPOILED: Mapping[str, str] = yaml.safe_load(
    Path(__file__).with_name("spoiled_dbt_tests.yml").read_text(encoding="utf-8")
)
"""Name of a data test → statements after which it alone fails."""

UNHEARD_OF = "'unheard of'"


@dataclass(frozen=True)
class DataTest:
    """One data test; `kind` is that of the generic test, `on` the relation that it is stated for.

    `reads` are all relations that it looks at, `query` finds the rows that fail it.
    """

    name: str
    kind: str
    on: str
    arguments: Mapping[str, Any]
    where: str
    blocks: bool
    reads: frozenset[str]
    query: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that make a row what it is, of a test that says so."""
        if self.kind == "unique":
            return (self.arguments["column_name"],)
        return tuple(self.arguments.get("columns", ()))


@dataclass(frozen=True)
class Constraint:
    """One constraint of a mart; `definition` is as Postgres spells it."""

    mart: str
    kind: str
    columns: tuple[str, ...]
    to: str = ""
    to_columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        target = f" to {self.to}" if self.to else ""
        return f"{self.mart}: {self.kind} {', '.join(self.columns)}{target}"


def read_manifest(target: Path) -> Mapping[str, Any]:
    """What dbt wrote of the project."""
    manifest: Mapping[str, Any] = json.loads((target / "manifest.json").read_bytes())
    return manifest


def data_tests(manifest: Mapping[str, Any]) -> list[DataTest]:
    """Every data test of the project, by name."""
    nodes = manifest["nodes"]
    tests = [node for node in nodes.values() if node["resource_type"] == "test"]
    return sorted((_data_test(nodes, test) for test in tests), key=lambda test: test.name)


def _data_test(nodes: Mapping[str, Node], test: Node) -> DataTest:
    metadata, config = test.get("test_metadata") or {}, test["config"]
    reads = frozenset(
        _relation(nodes[name]) for name in test["depends_on"]["nodes"] if name in nodes
    )
    attached = test.get("attached_node")
    return DataTest(
        name=test["name"],
        kind=metadata.get("name", "singular"),
        on=_relation(nodes[attached]) if attached else "",
        arguments=metadata.get("kwargs", {}),
        where=config["where"] or "true",
        blocks=_blocks(config),
        reads=reads,
        query=_unqualified(test.get("compiled_code") or "", test["database"]),
    )


def _blocks(config: Node) -> bool:
    """Whether a single row that fails the test fails the build, whatever the row."""
    plain = config["limit"] is None and config["fail_calc"] == "count(*)"
    return (
        plain
        and bool(config["enabled"])
        and (config["severity"].lower(), config["error_if"]) == ("error", "!= 0")
    )


def _relation(node: Node) -> str:
    return f"{node['schema']}.{node['alias']}"


def _unqualified(query: str, database: str) -> str:
    return query.replace(f'"{database}".', "")


def constraints(manifest: Mapping[str, Any]) -> list[Constraint]:
    """Every constraint that a model states, by mart."""
    found = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        for stated in node["constraints"]:
            to = re.sub('"', "", stated["to"] or "").rpartition(".")[2]
            found.append(
                Constraint(
                    *(node["name"], stated["type"], tuple(stated["columns"])),
                    *(to, tuple(stated["to_columns"])),
                )
            )
        for name, column in node["columns"].items():
            found += [Constraint(node["name"], c["type"], (name,)) for c in column["constraints"]]
    return sorted(found, key=str)


def spoil(test: DataTest, tests: list[DataTest]) -> str:
    """Statements after which the test fails, and none of the others.

    Raises LookupError for a test whose kind does not tell, and that no statements are given for.
    """
    if test.name in SPOILED:
        return SPOILED[test.name]
    if test.kind in ("grain", "unique"):
        return _twice(test, [other for other in tests if other.on == test.on and other != test])
    column = test.arguments.get("column_name", "")
    values = {
        "not_null": f"{column} = null",
        "accepted_values": f"{column} = {UNHEARD_OF}",
        "relationships": f"{column} = {UNHEARD_OF}",
        "still_applies": f"{column} = {UNHEARD_OF}",
        "accepted_range": f"{column} = {test.arguments.get('max_value')} + 1",
        "sums_to": f"{test.arguments.get('total')} = 1 + {test.arguments.get('total')}",
        "no_overlap": f"{test.arguments.get('valid_to')} = {test.arguments.get('valid_from')}",
    }
    if test.kind not in values:
        raise LookupError(f"{test.name}: say in spoiled_dbt_tests.yml how it is broken")
    return f"update {test.on} set {values[test.kind]} where {_one_row(test)}"


def _one_row(test: DataTest) -> str:
    stated = {
        "sums_to": f"{test.arguments.get('total')} is not null",
        "no_overlap": f"{test.arguments.get('valid_to')} > {test.arguments.get('valid_from')}",
    }.get(test.kind, "true")
    return f"ctid = (select min(ctid) from {test.on} where {test.where} and {stated})"


def _twice(test: DataTest, others: list[DataTest]) -> str:
    """A row comes again, but for what the other tests of its relation count."""
    counted = {name for other in others for name in other.columns} - set(test.columns)
    nothing = json.dumps(dict.fromkeys(sorted(counted)))
    return (
        f"insert into {test.on} select (jsonb_populate_record(null::{test.on}, "
        f"to_jsonb(one.*) || '{nothing}')).* from {test.on} as one where {_one_row(test)}"
    )
