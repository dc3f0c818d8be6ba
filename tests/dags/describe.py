"""Tells what the DAG files define: `python describe.py FOLDER OUTPUT` writes one JSON document.

A program of its own, since Airflow configures the process that imports it. FOLDER is that of the
DAG files; Airflow's settings are taken from the environment.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

HEAVY = ("great_expectations", "pandas", "numpy", "dbt")


def main(folder: Path) -> dict[str, Any]:
    """What importing each file costs, and the DAGs that Airflow finds in the folder."""
    from airflow.dag_processing.dagbag import DagBag

    sys.path.insert(0, str(folder))
    seconds = {path.name: _import(path) for path in sorted(folder.glob("*.py"))}
    heavy = [name for name in HEAVY if name in sys.modules]
    bag = DagBag(folder)
    return {
        "seconds": seconds,
        "heavy": heavy,
        "errors": {str(path): str(error) for path, error in bag.import_errors.items()},
        "dags": {name: _dag(dag) for name, dag in sorted(bag.dags.items())},
    }


def _import(path: Path) -> float:
    """Seconds of CPU that the file takes when Airflow itself is imported already."""
    import airflow.sdk  # noqa: F401

    spec = importlib.util.spec_from_file_location(f"imported_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    began = time.process_time()
    spec.loader.exec_module(module)
    return time.process_time() - began


def _dag(dag: Any) -> dict[str, Any]:
    from airflow.serialization.serialized_objects import DagSerialization

    serialized = DagSerialization.to_dict(dag)
    return {
        "file": Path(dag.fileloc).name,
        "description": dag.description,
        "doc_md": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "timetable": serialized["dag"]["timetable"],
        "deadlines": [_deadline(one) for one in serialized["dag"].get("deadline") or []],
        "first_runs": _first_runs(DagSerialization.from_dict(serialized)),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _deadline(serialized: dict[str, Any]) -> dict[str, Any]:
    return {
        "from": serialized["reference"]["reference_type"],
        "seconds": serialized["interval"]["__data__"],
        "calls": serialized["callback"]["__data__"]["path"],
    }


def _task(task: Any) -> dict[str, Any]:
    return {
        "owner": task.owner,
        "retries": task.retries,
        "retry_seconds": task.retry_delay.total_seconds(),
        "timeout_seconds": task.execution_timeout.total_seconds(),
        "trigger_rule": task.trigger_rule.value,
        "is_mapped": task.is_mapped,
        "after": sorted(task.upstream_task_ids),
        "reports": sorted(outlet.name for outlet in task.outlets),
    }


def _first_runs(dag: Any) -> dict[str, str]:
    """When a scheduler that first meets the DAG at a moment would run it, for a day's moments."""
    found = {}
    for hour in range(24):
        now = datetime(2026, 11, 22, hour, 31, tzinfo=UTC)
        with patch("airflow.timetables.trigger.utcnow", return_value=now):
            info = dag.next_dagrun_info(last_automated_run_info=None)
        found[now.isoformat()] = info.run_after.isoformat()
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(Path(sys.argv[1]))), encoding="utf-8")
