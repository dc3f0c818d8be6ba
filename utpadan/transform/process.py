"""One run of dbt as a child process, and what it says meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, TimeoutExpired
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from utpadan.transform.results import planned_layers

_MAIN = """
import os, threading

def end_with_parent():
    os.read(0, 1)
    os._exit(1)

threading.Thread(target=end_with_parent, daemon=True).start()
from dbt.cli.main import cli
cli()
"""
"""dbt, that ends when its standard input does: nobody is left to tell who killed its parent."""
_STOP_SECONDS = 10


@dataclass
class Layer:
    """Progress of one layer: how many nodes it has, and how many ended in which status."""

    name: str
    nodes: int
    statuses: Counter[str] = field(default_factory=Counter)


OnLayer = Callable[[Layer], None]


@dataclass
class Dbt:
    """dbt on one project: `run()` runs a command and listens; `home` keeps its files.

    `marts` is the schema of the marts: the one being built, or the one that readers see. `watch` is
    called whenever a node has ended; what it raises ends dbt.
    `warnings` are what dbt warned of, `errors` what went wrong outside of any node.
    """

    project: Path
    home: Path
    url: str
    on_layer: OnLayer = lambda _: None
    marts: str = "marts_next"
    watch: Callable[[], object] = lambda: None
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _layers: dict[str, Layer] = field(default_factory=dict)

    @property
    def target(self) -> Path:
        """Where dbt leaves the manifest and the results."""
        return self.home / "target"

    def run(self, arguments: Sequence[str]) -> int:
        """Run to the end and return dbt's exit status; `on_layer` hears of each layer that ends."""
        (self.target / "run_results.json").unlink(missing_ok=True)
        environment = {**os.environ, **connection_variables(self.url, self.marts)}
        command = [sys.executable, "-c", _MAIN, *arguments, *self._options()]
        streams: dict[str, Any] = {"stdin": PIPE, "stdout": PIPE, "stderr": STDOUT}
        with Popen(command, env=environment, encoding="utf-8", **streams) as child:
            assert child.stdout is not None
            try:
                for line in child.stdout:
                    self.hear(line)
            except BaseException:
                _stop(child)
                raise
        return child.returncode

    def _options(self) -> list[str]:
        located = {
            "--project-dir": self.project,
            "--profiles-dir": self.project,
            "--target-path": self.target,
            "--log-path": self.home / "logs",
        }
        options = [word for option, path in located.items() for word in (option, str(path))]
        return [*options, "--log-format", "json", "--no-use-colors", "--no-version-check"]

    def hear(self, line: str) -> None:
        """Take in one line of what dbt says: an event, or a word of the interpreter."""
        try:
            event = json.loads(line)
            info, data = event["info"], event["data"]
        except (ValueError, LookupError, TypeError):
            self.errors.append(line.rstrip())
            return
        if info["level"] == "warn":
            self.warnings.append(info["msg"])
        elif info["level"] == "error" and "node_info" not in data:
            self.errors.append(info["msg"])
        if info["name"] == "SkippingDetails" or info["name"].endswith("Result"):
            self._count(data)
            self.watch()

    def _count(self, data: Mapping[str, Any]) -> None:
        if not self._layers:
            self._plan()
        node = data.get("node_info", {})
        layer = self._layers.get(node.get("unique_id", ""))
        if layer:
            stated = node["node_status"]
            layer.statuses[data["status"] if stated == "None" else stated] += 1
            if layer.statuses.total() == layer.nodes:
                self.on_layer(layer)

    def _plan(self) -> None:
        """The first node has ended, so dbt has written down which nodes there are."""
        names = planned_layers(self.target)
        sizes = Counter(names.values())
        layers = {name: Layer(name, size) for name, size in sizes.items()}
        self._layers = {node: layers[name] for node, name in names.items()}


def connection_variables(url: str, marts: str = "marts_next") -> dict[str, str]:
    """What the project reads from the environment, and UTC, ISO dates, UTF-8 everywhere.

    Raises ValueError when the URL leaves out what dbt needs.
    """
    parts = conninfo_to_dict(url)
    wanted = {
        "UTPADAN_BUILDER_HOST": parts.get("host"),
        "UTPADAN_BUILDER_PORT": parts.get("port") or 5432,
        "UTPADAN_BUILDER_USER": parts.get("user"),
        "UTPADAN_BUILDER_DATABASE": parts.get("dbname"),
        "UTPADAN_BUILDER_SSLMODE": parts.get("sslmode") or "prefer",
        "DBT_ENV_SECRET_BUILDER_PASSWORD": parts.get("password") or "",
    }
    missing = [name for name, value in wanted.items() if value is None]
    if missing:
        raise ValueError(f"UTPADAN_BUILDER_URL names no {missing[0].rpartition('_')[2].lower()}")
    fixed = {"PGTZ": "UTC", "PGDATESTYLE": "ISO", "DO_NOT_TRACK": "1", "PYTHONUTF8": "1"}
    named = {name: str(value) for name, value in wanted.items()}
    return named | fixed | {"UTPADAN_MARTS_SCHEMA": marts}


def _stop(child: Popen[str]) -> None:
    """Interrupt dbt, which cancels its queries; kill it when it does not listen."""
    child.send_signal(signal.SIGINT)
    try:
        child.wait(_STOP_SECONDS)
    except TimeoutExpired:
        child.kill()
