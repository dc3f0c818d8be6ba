"""The marts as their properties state them: grain, keys and what they point to, without dbt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_REF = re.compile(r"ref\('(\w+)'\)")


@dataclass(frozen=True)
class ForeignKey:
    """The columns of a mart that name a row of another."""

    columns: tuple[str, ...]
    mart: str


@dataclass(frozen=True)
class Mart:
    """One mart; `grain` is the first sentence of its description."""

    name: str
    subject: str
    file: Path
    grain: str
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    def points_to(self, mart: str) -> bool:
        """Whether a key of it names rows of that mart."""
        return any(key.mart == mart for key in self.foreign_keys)


@dataclass(frozen=True)
class Metric:
    """One metric of the semantic layer."""

    name: str
    unit: str
    description: str


def read_marts(project: Path) -> list[Mart]:
    """All marts of the project, by subject and name."""
    files = sorted((project / "models/marts").glob("*/*.yml"))
    return [_mart(file, model) for file in files for model in _read(file).get("models", [])]


def read_metrics(project: Path) -> list[Metric]:
    """All metrics of the project, in the order of their files."""
    files = sorted((project / "models/semantic").glob("*.yml"))
    return [_metric(stated) for file in files for stated in _read(file).get("metrics", [])]


def _mart(file: Path, model: dict[str, Any]) -> Mart:
    constraints = model.get("constraints", [])
    primary = [key["columns"] for key in constraints if key["type"] == "primary_key"]
    return Mart(
        name=model["name"],
        subject=file.parent.name,
        file=file,
        grain=re.split(r"(?<=\.)\s", " ".join(model["description"].split()))[0],
        primary_key=tuple(primary[0]) if primary else (),
        foreign_keys=tuple(_foreign_keys(constraints)),
    )


def _foreign_keys(constraints: list[dict[str, Any]]) -> Iterator[ForeignKey]:
    for key in constraints:
        if key["type"] == "foreign_key":
            (mart,) = _REF.findall(key["to"])
            yield ForeignKey(tuple(key["columns"]), mart)


def _metric(stated: dict[str, Any]) -> Metric:
    description = " ".join(stated["description"].split())
    return Metric(stated["name"], stated["config"]["meta"]["unit"], description)


def _read(file: Path) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tree
