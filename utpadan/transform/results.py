"""What became of the nodes of a build, read from the files dbt leaves behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

BROKEN = frozenset({"error", "fail", "runtime error", "skipped", "partial success"})
"""dbt's words for a node that did not do what it should, or was not run because of one."""

GROUPS = {"function": "functions", "seed": "seeds", "test": "tests", "unit_test": "unit tests"}
"""Kinds of nodes that are a layer of their own; the layer of a model is its first folder."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed, function or test; `status` is dbt's word.

    `message` says what went wrong, None when nothing did; `query` finds the rows that fail a test.
    """

    node: str
    kind: str
    layer: str
    status: str
    row_count: int | None
    seconds: float
    message: str | None
    started_at: datetime
    query: str | None = None


def planned_layers(target: Path) -> dict[str, str]:
    """Every node of the project → its layer, from the manifest in dbt's target folder."""
    manifest = json.loads((target / "manifest.json").read_bytes())
    groups = (manifest[group] for group in ("functions", "nodes", "unit_tests"))
    return {name: _layer(node) for group in groups for name, node in group.items()}


def read_results(target: Path, started: datetime) -> tuple[NodeResult, ...]:
    """The results of all nodes, none when dbt never got to run any.

    `started` is when the build began, for nodes that were skipped and so have no time of their own.
    """
    path = target / "run_results.json"
    if not path.exists():
        return ()
    layers = planned_layers(target)
    found = json.loads(path.read_bytes())["results"]
    return tuple(_read(result, layers, started) for result in found)


def _read(result: Mapping[str, Any], layers: Mapping[str, str], started: datetime) -> NodeResult:
    name, status = result["unique_id"], result["status"]
    times = [timing["started_at"] for timing in result["timing"] if timing["started_at"]]
    return NodeResult(
        node=name,
        kind=name.split(".", 1)[0].replace("_", " "),
        layer=layers.get(name, "hooks"),
        status=status,
        row_count=_rows(result),
        seconds=result["execution_time"],
        message=None if status in ("success", "pass") else plain(result["message"] or status),
        started_at=datetime.fromisoformat(min(times)) if times else started,
        query=result["compiled_code"] if name.startswith("test.") and status == "fail" else None,
    )


def _rows(result: Mapping[str, Any]) -> int | None:
    """Rows that fail a test, else rows written; a view or a function writes none."""
    failures: int | None = result["failures"]
    affected: int = result["adapter_response"].get("rows_affected", -1)
    return affected if failures is None and affected >= 0 else failures


def plain(message: str) -> str:
    """dbt's message without the lines that repeat the node and point into its own folders."""
    lines = message.strip().splitlines()
    kept = [line for line in lines if not line.strip().startswith("compiled code at ")]
    if len(kept) > 1 and " Error in " in kept[0]:
        kept = kept[1:]
    return "\n".join(line.strip() for line in kept)


def _layer(node: Mapping[str, Any]) -> str:
    group = GROUPS.get(node["resource_type"])
    return group or str(node["fqn"][1])
