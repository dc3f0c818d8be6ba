"""Checks of the contracts against the checkout: what a source must have beside its source.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from utpadan.source import CHECKOUT, FileFetch, Source, load_sources


def check_sources(checkout: Path = CHECKOUT) -> list[str]:
    """What is missing, one sentence each with the place; empty when every source is whole.

    Licence, owner, grain, bounds and descriptions are required by the contract itself; raises
    ContractError where one is missing.
    """
    sources = load_sources(checkout / "sources")
    problems = [p for source in sources.values() for p in _problems(checkout, source)]
    return problems + list(_orphans(checkout, sources))


def _problems(checkout: Path, source: Source) -> Iterator[str]:
    contract = source.folder / "source.yml"
    cases = sorted((source.folder / "fixtures").glob("*.expected.yml"))
    if not cases:
        yield f"{contract}: no fixture; put bytes and <case>.expected.yml into fixtures/"
    for case in cases:
        stem = case.name.removesuffix(".expected.yml")
        if len(list(case.parent.glob(f"{stem}.*"))) < 2:
            yield f"{case}: the bytes it expects something of are missing"
    model = checkout / "dbt_project/models/staging" / source.domain / f"stg_{source.name}.sql"
    if not model.exists():
        yield f"{contract}: no staging model; write {model.relative_to(checkout)}"
    suite = checkout / "expectations/staging" / f"{source.domain}.yml"
    if not suite.exists():
        yield f"{contract}: its domain has no suite {suite.relative_to(checkout)}"
    path = source.fetch.path if isinstance(source.fetch, FileFetch) else ""
    if path and "://" not in path and not (checkout / path).exists():
        yield f"{contract}: fetch.path: {path} does not exist"


def _orphans(checkout: Path, sources: dict[str, Source]) -> Iterator[str]:
    for model in sorted((checkout / "dbt_project/models/staging").glob("*/stg_*.sql")):
        name = model.stem.removeprefix("stg_").removesuffix("_history")
        if name not in sources or sources[name].domain != model.parent.name:
            yield f"{model.relative_to(checkout)}: no source {model.parent.name}/{name}"
