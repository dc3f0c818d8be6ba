"""What of a home runs at this moment, and where."""

from dataclasses import dataclass
from pathlib import Path

from utpadan.local import airflow, portals, postgres, variables
from utpadan.local.home import Home
from utpadan.local.ports import LOOPBACK


@dataclass(frozen=True)
class Status:
    """One part of the local runtime: whether it runs, its address, its log."""

    name: str
    is_up: bool
    address: str
    log: Path


def status(home_folder: Path) -> list[Status]:
    """The state of Postgres, the portals and each process of Airflow. Changes nothing."""
    home = Home(home_folder)
    postgres_port = home.remembered_port("postgres") or postgres.PREFERRED_PORT
    portals_port = home.remembered_port(portals.NAME) or portals.PREFERRED_PORT
    parts = [
        Status(
            name="postgres",
            is_up=postgres.postgres_pid(home.path) is not None,
            address=f"{LOOPBACK}:{postgres_port}",
            log=home.log("postgres"),
        ),
        Status(
            name=portals.NAME,
            is_up=_is_alive(home, portals.NAME),
            address=f"http://{LOOPBACK}:{portals_port}",
            log=home.log(portals.NAME),
        ),
    ]
    for command in airflow.COMMANDS:
        name = f"airflow-{command}"
        address = variables.airflow_url(home) if command == "api-server" else ""
        parts.append(Status(name, _is_alive(home, name), address, home.log(name)))
    return parts


def _is_alive(home: Home, name: str) -> bool:
    process = home.process(name)
    return process is not None and process.is_alive
