"""Small dbt projects with our configuration, macros and generic tests, to build in a test."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from utpadan.transform import NodeResult
from utpadan.transform.build import PROJECT


def small_project(folder: Path) -> Path:
    """A project without any model."""
    for part in ("macros", "tests"):
        shutil.copytree(PROJECT / part, folder / part)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


def add_mart(
    project: Path,
    name: str,
    query: str,
    columns: Mapping[str, str],
    constraints: list[dict[str, Any]],
    *required: str,
) -> None:
    """A mart with enforced contract; the columns named last are not null."""
    folder = project / "models/marts/trial"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.sql").write_text(query)
    described = [
        {
            "name": column,
            "data_type": kind,
            "constraints": [{"type": "not_null"}] if column in required else [],
        }
        for column, kind in columns.items()
    ]
    model = {"name": name, "columns": described, "constraints": constraints}
    (folder / f"{name}.yml").write_text(yaml.safe_dump({"models": [model]}))


def add_checked(project: Path, name: str, rows: str, test: Mapping[str, Any]) -> None:
    """A model of these rows with one generic test on it, both of that name."""
    folder = project / "models/intermediate/trial"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"int_{name}.sql").write_text(textwrap.dedent(rows))
    ((kind, given),) = test.items()
    model: dict[str, Any] = {"name": f"int_{name}"}
    arguments = dict(given)
    column = arguments.pop("column_name", None)
    declared = {kind: {"name": name, "arguments": arguments}}
    if column:
        model["columns"] = [{"name": column, "data_tests": [declared]}]
    else:
        model["data_tests"] = [declared]
    (folder / f"int_{name}.yml").write_text(yaml.safe_dump({"models": [model]}))


def by_name(nodes: tuple[NodeResult, ...]) -> dict[str, NodeResult]:
    """Results by the name of the model, test or seed."""
    return {node.node.split(".")[2]: node for node in nodes}
