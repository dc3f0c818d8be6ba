"""Runs DAGs one after the other in this process, as `airflow dags test` runs one.

A program, not a module to import: `python -m utpadan.local.in_process RESULTS CONF DAG_ID...`.
It needs Airflow's database but none of its processes. Loading Airflow takes longer than most runs
do, so it is loaded once for all. Each run that ends adds one JSON line to the file RESULTS. No task
is retried: who waits for the run wants the reason now, not after the pause before a second attempt.
"""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def main(results: Path, conf: dict[str, Any], dag_ids: Iterable[str]) -> None:
    """Run these DAGs as they are named; one that cannot be found is a failed run, not the end."""
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()  # type: ignore[no-untyped-call]
    bag = _read_dags()
    for dag_id in dag_ids:
        began = time.monotonic()
        outcome = _run(bag, dag_id, conf)
        line = {"dag_id": dag_id, "seconds": time.monotonic() - began, **outcome}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _read_dags() -> Any:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag

    manager = DagBundlesManager()  # type: ignore[no-untyped-call]
    manager.sync_bundles_to_db()
    bundle = next(iter(manager.get_all_dag_bundles()))
    bundle.initialize()
    return BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)


def _run(bag: Any, dag_id: str, conf: dict[str, Any]) -> dict[str, Any]:
    from airflow.utils.state import TaskInstanceState

    dag = bag.dags.get(dag_id)
    if dag is None:
        errors = "\n".join(f"{file}: {error}" for file, error in bag.import_errors.items())
        why = errors or f"no file of {bag.dag_folder} defines it"
        return _outcome(reason=f"there is no such DAG: {why}")
    # Who waits sees when it is late; and Airflow 3.3 fails at the end of a test with a deadline.
    dag.deadline = None
    reasons: list[str] = []
    for task in dag.tasks:
        task.retries = 0
        task.on_failure_callback = [lambda context: reasons.append(str(context["exception"]))]
    run = dag.test(run_conf=conf or None)
    failed = run.get_task_instances(state=[TaskInstanceState.FAILED])
    names = [ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{_mapped(ti)}]" for ti in failed]
    return _outcome(run.run_id, str(run.state), sorted(names), "\n".join(reasons))


def _outcome(
    run_id: str = "", state: str = "failed", failed_tasks: Sequence[str] = (), reason: str = ""
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "state": state,
        "failed_tasks": list(failed_tasks),
        "reason": reason,
    }


def _mapped(task_instance: Any) -> str:
    return str(task_instance.rendered_map_index or task_instance.map_index)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:])
