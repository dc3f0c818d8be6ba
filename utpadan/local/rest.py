"""Runs a DAG through the REST API of a running Airflow."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from utpadan.local import credentials, process, variables
from utpadan.local.process import LocalError

APPEAR_SECONDS = 90.0
POLL_SECONDS = 0.3
NOT_FOUND = 404


@dataclass(frozen=True)
class End:
    """How a run ended: Airflow's state of it, the tasks that failed, what else there is to say."""

    run_id: str
    state: str
    failed_tasks: tuple[str, ...] = ()
    reason: str = ""


class Scheduler:
    """A session with the api-server at `url`, as its user. To be used as a context manager.

    Every method raises LocalError when the server cannot be reached or refuses what it is asked.
    """

    def __init__(self, url: str, settings: Mapping[str, str]) -> None:
        self._url = url
        self._password = settings[credentials.UI_PASSWORD]
        self._client = httpx.Client(base_url=url, timeout=30.0, trust_env=False)

    def __enter__(self) -> Self:
        login = {"username": variables.AIRFLOW_USER, "password": self._password}
        token = self._ask("POST", "/auth/token", json=login)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def run(
        self, dag_id: str, conf: Mapping[str, Any], seconds: float, on_wait: Callable[[], None]
    ) -> End:
        """Run a DAG and wait for its end, at most `seconds`; a new DAG is given time to appear."""
        dag = f"/api/v2/dags/{quote(dag_id, safe='')}"
        if refusal := self._refusal(dag):
            return End(run_id="", state="failed", reason=refusal)
        asked = {"logical_date": None, "conf": dict(conf)}
        run_id = self._ask("POST", f"{dag}/dagRuns", json=asked)["dag_run_id"]
        run = f"{dag}/dagRuns/{quote(run_id, safe='')}"
        deadline = time.monotonic() + seconds
        while (state := self._ask("GET", run)["state"]) not in ("success", "failed"):
            if time.monotonic() > deadline:
                reason = f"it is still {state} after {seconds:.0f} s; see {self._url}"
                return End(run_id=run_id, state="failed", reason=reason)
            on_wait()
            time.sleep(POLL_SECONDS)
        return End(run_id=run_id, state=state, failed_tasks=self._failed_tasks(run))

    def _refusal(self, dag: str) -> str:
        """Why this DAG cannot be run now; empty when it can."""
        if not process.wait_until(lambda: self._exists(dag), APPEAR_SECONDS, every=POLL_SECONDS):
            errors = self._ask("GET", "/api/v2/importErrors")["import_errors"]
            found = "\n".join(f"{one['filename']}: {one['stack_trace']}" for one in errors)
            return f"there is no such DAG: {found or 'no file of the dags folder defines it'}"
        if self._ask("GET", dag)["is_paused"]:
            return f"the DAG is paused; unpause it at {self._url}"
        return ""

    def _exists(self, dag: str) -> bool:
        return self._response("GET", dag).status_code != NOT_FOUND

    def _failed_tasks(self, run: str) -> tuple[str, ...]:
        query = {"state": "failed", "limit": "100"}
        found = self._ask("GET", f"{run}/taskInstances", params=query)["task_instances"]
        names = (
            one["task_id"]
            if one["map_index"] < 0
            else f"{one['task_id']}[{one['rendered_map_index'] or one['map_index']}]"
            for one in found
        )
        return tuple(sorted(names))

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._response(method, path, **arguments)
        if response.is_error:
            raise LocalError(
                f"Airflow at {self._url} refuses {method} {path}: "
                f"{response.status_code} {response.text[:500]}"
            )
        return response.json()

    def _response(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise LocalError(
                f"Airflow at {self._url} does not answer ({error}); see the logs of its api-server"
            ) from error
