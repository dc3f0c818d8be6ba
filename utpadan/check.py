"""Checks of the contracts against the checkout: what a source must have beside its source.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from utpadan.source import CHECKOUT, ContractError, FileFetch, Source, load_sources
from utpadan.transform.properties import read_model
from utpadan.transform.restricted import unmarked

EXPECTED = ".expected.yml"
"""What a fixture's bytes must become lies beside them, under this ending."""


def check_sources(checkout: Path = CHECKOUT) -> list[str]:
    """What is missing, one sentence each with the place; empty when every source is whole.

    Licence, owner, grain, bounds and descriptions are required by the contract itself; raises
    ContractError where one is missing.
    """
    sources = load_sources(checkout / "sources")
    problems = [p for source in sources.values() for p in _problems(checkout, source)]
    return problems + list(_orphans(checkout, sources)) + list(_models(checkout, sources))


def _problems(checkout: Path, source: Source) -> Iterator[str]:
    contract = source.folder / "source.yml"
    yield from _fixture_problems(source.folder / "fixtures")
    model = checkout / "dbt_project/models/staging" / source.domain / f"stg_{source.name}.sql"
    if not model.exists():
        yield f"{contract}: no staging model; write {model.relative_to(checkout)}"
    suite = checkout / "expectations/staging" / f"{source.domain}.yml"
    if not suite.exists():
        yield f"{contract}: its domain has no suite {suite.relative_to(checkout)}"
    path = source.fetch.path if isinstance(source.fetch, FileFetch) else ""
    if path and "://" not in path and not (checkout / path).exists():
        yield f"{contract}: fetch.path: {path} does not exist"


def _fixture_problems(fixtures: Path) -> Iterator[str]:
    files = {path.name for path in fixtures.glob("*")}
    expected = {name.removesuffix(EXPECTED) for name in files if name.endswith(EXPECTED)}
    sent = {name.rpartition(".")[0] for name in files if not name.endswith(EXPECTED)}
    if not expected:
        yield f"{fixtures}: no fixture; put <case>.csv, .json ... and <case>{EXPECTED} there"
    for case in sorted(expected - sent):
        yield f"{fixtures / case}{EXPECTED}: the bytes it expects something of are missing"
    for case in sorted(sent - expected):
        yield f"{fixtures / case}.*: nothing is expected of it; write {case}{EXPECTED}"


def _orphans(checkout: Path, sources: dict[str, Source]) -> Iterator[str]:
    for model in sorted((checkout / "dbt_project/models/staging").glob("*/stg_*.sql")):
        name = model.stem.removeprefix("stg_").removesuffix("_history")
        if name not in sources or sources[name].domain != model.parent.name:
            yield f"{model.relative_to(checkout)}: no source {model.parent.name}/{name}"


def _models(checkout: Path, sources: dict[str, Source]) -> Iterator[str]:
    """Models that show a personal column, or lose the mark of restricted rows."""
    for model in sorted((checkout / "dbt_project/models/staging").glob("*/stg_*.sql")):
        source = sources.get(model.stem.removeprefix("stg_").removesuffix("_history"))
        if source and source.domain == model.parent.name:
            try:
                read_model(model, sources)
            except ContractError as error:
                yield str(error)
    yield from unmarked(checkout / "dbt_project", sources)
