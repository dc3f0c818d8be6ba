"""docker-compose.yml as Compose reads it, and its services as processes of this machine.

A service runs here as in its container: the same command, the same environment and nothing else of
ours in it. Only names of places are translated: hosts, ports and folders of the containers.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from utpadan import local
from utpadan.source import CHECKOUT

TEXT = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
RAW: dict[str, Any] = yaml.safe_load(TEXT)
EXAMPLE = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
LOOPBACK = "127.0.0.1"

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<rest>[^${}]*))?\}")
_ESCAPED = "\0"


def env_file(folder: Path) -> dict[str, str]:
    """A .env made by the command that .env.example gives, in `folder`; its variables."""
    (command,) = re.findall(r"^# +(\(umask .*\))$", EXAMPLE, re.MULTILINE)
    (folder / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    subprocess.run(["sh", "-euc", command], cwd=folder, check=True)
    lines = (folder / ".env").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value for name, value in pairs}


def resolve(value: Any, variables: Mapping[str, str]) -> Any:
    """`value` with its ${...} replaced. Raises LookupError that names a required one not set."""
    if isinstance(value, dict):
        return {name: resolve(part, variables) for name, part in value.items()}
    if isinstance(value, list):
        return [resolve(part, variables) for part in value]
    if not isinstance(value, str):
        return value
    text = value.replace("$$", _ESCAPED)
    while match := _VARIABLE.search(text):
        text = text[: match.start()] + _value(match, variables) + text[match.end() :]
    if "$" in text:
        raise ValueError(
            f"{value!r}: only ${{NAME}}, ${{NAME:-...}} and ${{NAME:?...}} are read here"
        )
    return text.replace(_ESCAPED, "$")


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    found = variables.get(match["name"], "")
    if found or match["how"] is None:
        return found
    if match["how"] == ":?":
        raise LookupError(f"{match['name']}: {match['rest']}")
    return match["rest"]


def one_shot(service: Mapping[str, Any]) -> bool:
    """Whether the service runs to its end instead of staying."""
    return service["restart"] == "no"


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@dataclass
class Deployment:
    """The services of the file with a .env, in `folder`, beside the Postgres at `database_port`."""

    folder: Path
    variables: Mapping[str, str]
    database_port: int
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = {port: free_port() for port in ("8080", "8701", "8974")}
        self.services: dict[str, Any] = resolve(RAW, self.variables)["services"]
        for path in ("airflow", "archive", "data_docs", "dbt", "exports", "logs", "scratch"):
            (self.folder / path).mkdir(exist_ok=True)

    def environment(self, service: str) -> dict[str, str]:
        """What the processes of a service see: its own variables, and those of the image."""
        programs = [Path(sys.executable).parent, local.psql_program().parent, "/usr/bin", "/bin"]
        image = {"PATH": os.pathsep.join(map(str, programs)), "HOME": str(self.folder)}
        own = self.services[service].get("environment", {})
        return {
            **image,
            "LANG": "C.UTF-8",
            "PGPORT": str(self.database_port),
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: self.here(str(value)) for name, value in own.items()},
        }

    def command(self, service: str) -> list[str]:
        """The command of a service."""
        return [self.here(word) for word in self.services[service]["command"]]

    def health_command(self, service: str) -> list[str]:
        """The command of its health check."""
        kind, *words = self.services[service]["healthcheck"]["test"]
        words = [self.here(word) for word in words]
        return words if kind == "CMD" else ["sh", "-c", *words]

    def run(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in the environment of a service, to its end."""
        return subprocess.run(
            command,
            env=self.environment(service),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    def here(self, text: str) -> str:
        """A text with the places of the containers replaced by those of this machine."""
        for port, mine in self.ports.items():
            text = re.sub(rf"(?<![\w-]){port}(?!\w)", str(mine), text)
        text = text.replace("@postgres:5432/", f"@{LOOPBACK}:{self.database_port}/")
        text = re.sub(r"//(airflow-api-server|portals):", f"//{LOOPBACK}:", text)
        text = text.replace("0.0.0.0", LOOPBACK)
        text = text.replace("/var/lib/utpadan", str(self.folder))
        text = text.replace("/var/tmp", str(self.folder / "scratch"))
        return text.replace("/opt/utpadan", str(CHECKOUT))
