"""Reading contracts from `sources/`, with errors that name file, line, field and cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from utpadan.source.contract import NAME, Source

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = CHECKOUT / "sources"


class ContractError(ValueError):
    """A contract that cannot be used; the message names file, line, field and cause."""


def load_source(folder: Path) -> Source:
    """Read one contract. Raises ContractError naming file, line, field and cause."""
    path = folder / "source.yml"
    try:
        text = path.read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tree: dict[str, Any] = yaml.load(text, Loader=loader) or {}  # nosec B506 # both are safe
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: {error}") from error
    place = {"name": folder.name, "domain": folder.parent.name, "folder": folder}
    try:
        return Source.model_validate({**tree, **place})
    except (ValidationError, TypeError) as error:
        raise ContractError(_explain(path, text, error)) from error


def load_sources(root: Path = SOURCES) -> dict[str, Source]:
    """All contracts below `root`, by name, in order of domain and name.

    Raises ContractError for a broken contract, for one name used twice and for a `same_as` that
    names no source with a delivery of its own.
    """
    found: dict[str, Source] = {}
    for path in sorted(root.glob("*/*/source.yml")):
        source = load_source(path.parent)
        for name in (source.domain, source.name):  # both become names in SQL, paths and DAGs
            if not NAME.fullmatch(name):
                raise ContractError(f"{path}: the folder name {name!r} is not lower_snake_case")
        if source.name in found:
            raise ContractError(
                f"{path}: the name {source.name} is also {found[source.name].folder}"
            )
        found[source.name] = source
    for source in found.values():
        carrier = found.get(source.delivery_source)
        if carrier is None or (source.is_carried and carrier.is_carried):
            raise ContractError(
                f"{source.folder / 'source.yml'}: fetch.source: {source.delivery_source!r} "
                "is no source that fetches for itself"
            )
    return found


def _explain(path: Path, text: str, error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"{path}: {error}"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = []
    for issue in error.errors():
        field = ".".join(str(part) for part in issue["loc"]) or "contract"
        lines.append(f"{path}:{_line(root, issue['loc'])}: {field}: {issue['msg']}")
    return "\n".join(lines)


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                continue
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
