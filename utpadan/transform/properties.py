"""What dbt has to know of the contracts, derived from them: no staging fact is stated twice.

`write_contracts()` writes files of the dbt project, all git-ignored:

- `models/staging/_contracts.yml`: the staging tables as dbt sources and, for every staging model
  there is, its description, owner, licence and columns;
- `macros/_contracts.sql`: a macro `contracts()` that tells models which sources name the document
  behind each row, and under which address the others were fetched;
- `models/_cookbook.yml`: the questions of sql/cookbook, and which marts each one reads.

A staging model selects and renames columns, one a line, and nothing else; that is what makes the
descriptions follow a column to its new name, and it is checked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from utpadan.source import ContractError, HttpFetch, Source
from utpadan.transform.exposures import cookbook_exposures
from utpadan.transform.restricted import unmarked

PROVENANCE = ("source_url", "published_on", "published_on_approx", "publisher")
"""Columns that name the document behind a row; staging models keep (or give) them these names."""

_OWN = {
    "_extra": "Columns of the delivery that the contract does not know.",
    "_load_id": "Load that brought this version of the row; ops.load says more.",
    "_line": "Line of the row in the delivered file.",
    "_known_from": "When the delivery that brought this version was fetched, UTC.",
    "_known_to": "When a later delivery changed or dropped the row, UTC; null for the current one.",
}
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ITEM = re.compile(r"\s+(?P<column>\w+)(?:\s+as\s+(?P<name>\w+))?,?\s*(?:--.*)?")
_SKIPPED = re.compile(r"\s*(--.*)?")


@dataclass(frozen=True)
class StagingModel:
    """A file `stg_<source>.sql` or `stg_<source>_history.sql`: new column name → staging column."""

    name: str
    source: Source
    columns: Mapping[str, str]


def write_contracts(sources: Mapping[str, Source], project: Path) -> None:
    """Write the files into the dbt project, touching none that is up to date already.

    Raises ContractError naming file, line and cause when a staging model does more than select
    and rename, shows a personal column or belongs to no source, and when a table loses the mark of
    restricted rows.
    """
    models = [read_model(path, sources) for path in _model_files(project)]
    if problems := list(unmarked(project, sources)):
        raise ContractError("\n".join(problems))
    properties = {
        "sources": [_source_group(sources.values())],
        "models": [_model_properties(model) for model in models],
    }
    header = "Derived from sources/*/*/source.yml by utpadan/transform/properties.py."
    dumped = yaml.dump(properties, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=100)
    _write(project / "models/staging/_contracts.yml", f"# {header}\n{dumped}")
    listed = json.dumps({m.source.name: _documents(m, sources) for m in _widest(models)})
    macro = f"{{% macro contracts() %}}{{{{ return(fromjson({listed!r})) }}}}{{% endmacro %}}\n"
    _write(project / "macros/_contracts.sql", f"{{# {header} #}}\n{macro}")
    if exposures := cookbook_exposures(project.parent / "sql/cookbook"):
        _write(project / "models/_cookbook.yml", exposures)


def read_model(path: Path, sources: Mapping[str, Source]) -> StagingModel:
    """Read one staging model. Raises ContractError as `write_contracts` does."""
    source = sources.get(path.stem.removeprefix("stg_").removesuffix("_history"))
    if source is None:
        raise ContractError(f"{path}: no contract is named {path.stem.removeprefix('stg_')!r}")
    text = path.read_text(encoding="utf-8")
    if f"source('staging', '{source.name}')" not in text:
        raise ContractError(f"{path}: it must read {{{{ source('staging', '{source.name}') }}}}")
    columns: dict[str, str] = {}
    for number, line in _select_list(path, text.splitlines()):
        item = _ITEM.fullmatch(line)
        if item is None:
            raise ContractError(
                f"{path}:{number}: {line.strip()!r} is neither a column nor `column as name`; a "
                "staging model selects and renames, anything else belongs into an int_ model"
            )
        columns[item["name"] or item["column"]] = item["column"]
        _check_column(f"{path}:{number}", source, item["column"])
    return StagingModel(path.stem, source, columns)


def _model_files(project: Path) -> list[Path]:
    return sorted((project / "models/staging").glob("*/stg_*.sql"))


def _select_list(path: Path, lines: list[str]) -> Iterator[tuple[int, str]]:
    starts = [n for n, line in enumerate(lines, start=1) if line.strip() == "select"]
    if not starts:
        raise ContractError(f"{path}: no `select` on a line of its own")
    for number, line in enumerate(lines[starts[-1] :], start=starts[-1] + 1):
        if line.lower().startswith("from "):
            return
        if not _SKIPPED.fullmatch(line):
            yield number, line
    raise ContractError(f"{path}: no `from` at the start of a line after the last `select`")


def _check_column(place: str, source: Source, name: str) -> None:
    if name in _OWN:
        return
    column = source.columns.get(name)
    if column is None:
        raise ContractError(f"{place}: the contract {source.name} has no column {name!r}")
    if column.personal:
        raise ContractError(f"{place}: {name!r} is personal data, which never leaves staging")


def _source_group(sources: Iterable[Source]) -> dict[str, Any]:
    return {
        "name": "staging",
        "schema": "staging",
        "description": "Typed row versions of every delivery, as the contracts admit them.",
        "tables": [
            {
                "name": source.name,
                "description": _describe(source),
                "config": {"meta": _meta(source), **_freshness(source)},
                "columns": [_column(name, source, name) for name in [*source.columns, *_OWN]],
            }
            for source in sources
        ],
    }


def _freshness(source: Source) -> dict[str, Any]:
    """Stale is a source whose deliveries, however often it was asked, brought nothing new."""
    newest = "select max(known_at) from ops.source_status"
    known_at = f"{newest} where source = '{source.name}'"  # the name is a plain identifier
    limit = {"count": source.freshness_days, "period": "day"}
    return {"freshness": {"error_after": limit}, "loaded_at_query": known_at}


def _model_properties(model: StagingModel) -> dict[str, Any]:
    versions = "Every version of the rows of" if _is_history(model) else "Current rows of"
    return {
        "name": model.name,
        "description": f"{versions} {model.source.title}. {_describe(model.source)}",
        "config": {"meta": _meta(model.source)},
        "columns": [_column(name, model.source, column) for name, column in model.columns.items()],
    }


def _describe(source: Source) -> str:
    return f"{source.description.strip()} Grain: {source.grain}."


def _meta(source: Source) -> dict[str, Any]:
    return {
        "owner": source.owner,
        "publisher": source.publisher.name,
        "licence": source.licence.name,
        "is_sample": source.is_sample,
    }


def _column(name: str, source: Source, column: str) -> dict[str, Any]:
    if column in _OWN:
        return {"name": name, "description": _OWN[column]}
    stated = source.columns[column]
    described: dict[str, Any] = {"name": name, "description": stated.description.strip()}
    if stated.unit:
        described["config"] = {"meta": {"unit": stated.unit}}
    return described


def _widest(models: Iterable[StagingModel]) -> list[StagingModel]:
    """One model a source: the one with all versions of its rows where there is such a one."""
    ordered = sorted(models, key=_is_history)
    return list({model.source.name: model for model in ordered}.values())


def _documents(model: StagingModel, sources: Mapping[str, Source]) -> dict[str, Any]:
    """How rows of a source name their document: by columns, or else by the contract's address."""
    has_url = "source_url" in model.columns
    return {
        "model": model.name,
        "has_history": _is_history(model),
        "columns": [name for name in PROVENANCE if has_url and name in model.columns],
        "address": None if has_url else _address(model.source, sources),
        "publisher": model.source.publisher.name,
        "is_sample": model.source.is_sample,
        "is_restricted": model.source.restricted is not None,
    }


def _address(source: Source, sources: Mapping[str, Source]) -> str | None:
    fetch = sources[source.delivery_source].fetch
    return fetch.base_url + fetch.path if isinstance(fetch, HttpFetch) else source.publisher.url


def _is_history(model: StagingModel) -> bool:
    return model.name != f"stg_{model.source.name}"


def _write(path: Path, text: str) -> None:
    """Write only what changed, so that dbt need not parse the project again, and write it whole."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
