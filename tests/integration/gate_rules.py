"""Every rule of every gate, counted where it is stated, and whether it is known how to break it.

`python tests/integration/gate_rules.py` prints the numbers, of dbt as it was last built here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from contract_rules import broken, cell_rules, delivery_rules
from dbt_rules import constraints, data_tests, read_manifest, spoil
from refusals import BREAKABLE

from utpadan.quality import load_suite
from utpadan.settings import CHECKOUT
from utpadan.source import load_sources

HERE = Path(__file__).parent


class Counted(NamedTuple):
    """The rules of one gate, and those of them that no test breaks."""

    gate: str
    rules: int
    unbroken: list[str]

    def __str__(self) -> str:
        covered = self.rules - len(self.unbroken)
        return "\n".join([f"{self.gate}: {covered}/{self.rules}", *self.unbroken])


def counted(manifest: Mapping[str, Any]) -> list[Counted]:
    """All gates, in the order in which data meets them."""
    return [
        _count("contracts, cells", _of_cells()),
        _count("contracts, deliveries", _of_deliveries()),
        _count("expectations of staging", _of_suites("staging")),
        _count("dbt, data tests", _of_data_tests(manifest)),
        _count("dbt, constraints", _of_constraints(manifest)),
        _count("expectations of marts", _of_suites("marts")),
    ]


def spoiled(boundary: str) -> dict[str, dict[str, str]]:
    """Suite → rule → statements that break it."""
    if boundary == "staging":
        read: dict[str, dict[str, str]]
        read = yaml.safe_load((HERE / "spoiled_staging.yml").read_text(encoding="utf-8"))
        return read
    files = sorted((HERE / "spoiled_marts").glob("*.yml"))
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


def _count(gate: str, rules: Iterator[tuple[str, bool]]) -> Counted:
    found = list(rules)
    return Counted(gate, len(found), [rule for rule, is_broken in found if not is_broken])


def _of_cells() -> Iterator[tuple[str, bool]]:
    for source in load_sources().values():
        for rule in cell_rules(source):
            cell = broken(source.columns[rule.column], rule.kind)
            yield (
                f"{source.name}.{rule.column}: {rule.kind}",
                (cell is None) == (rule.kind == "required"),
            )


def _of_deliveries() -> Iterator[tuple[str, bool]]:
    for source in load_sources().values():
        yield from ((f"{source.name}: {rule}", True) for rule in delivery_rules(source))


def _of_suites(boundary: str) -> Iterator[tuple[str, bool]]:
    statements = spoiled(boundary)
    for path in sorted((CHECKOUT / "expectations" / boundary).glob("*.yml")):
        for rule in load_suite(path).rules:
            yield f"{path.stem}: {rule.id}", rule.id in statements.get(path.stem, {})


def _of_data_tests(manifest: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    tests = data_tests(manifest)
    for test in tests:
        try:
            yield test.name, bool(spoil(test, tests))
        except LookupError as error:
            yield str(error), False


def _of_constraints(manifest: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for constraint in constraints(manifest):
        yield str(constraint), constraint.kind in BREAKABLE


if __name__ == "__main__":
    print(*counted(read_manifest(CHECKOUT / ".utpadan/dbt/target")), sep="\n")
