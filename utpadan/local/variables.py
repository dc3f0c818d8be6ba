"""The environment of a home's processes: settings, and Airflow configured by variables alone."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from utpadan.local import credentials
from utpadan.local.home import Home
from utpadan.local.ports import LOOPBACK
from utpadan.local.process import LocalError
from utpadan.settings import HOME_VARIABLE
from utpadan.source import CHECKOUT

AIRFLOW_PORT = 8080
AIRFLOW_USER = "admin"
NO_TELEMETRY = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}
LOCAL_HOSTS = "127.0.0.1,localhost"


def environment(home_folder: Path, checkout: Path = CHECKOUT) -> dict[str, str]:
    """All that a child process needs: the present environment, completed by what the home provides.

    `UTPADAN_*` and `AIRFLOW_CONN_*` variables of the present environment win; what places Airflow
    in this home is always the home's. Raises LocalError when nothing was ever started here.
    """
    home = Home(home_folder)
    if not credentials.are_complete(home):
        raise LocalError(f"{home.path} has no database yet: `make run` or `utpadan up` makes it")
    given = dict(os.environ)
    settings = {**home.env(), **{name: given[name] for name in given if _is_set(name)}}
    return {
        **NO_TELEMETRY,
        **_connections(settings),
        **given,
        **settings,
        **_airflow(home, checkout, settings),
        HOME_VARIABLE: str(home.path),
        "NO_PROXY": _joined(",", LOCAL_HOSTS, given.get("NO_PROXY")),
        "no_proxy": _joined(",", LOCAL_HOSTS, given.get("no_proxy")),
        "PATH": _joined(os.pathsep, str(Path(sys.executable).parent), given.get("PATH")),
        # The triggerer calls what `dags` has for a missed deadline, and looks in no bundle for it.
        "PYTHONPATH": _joined(
            os.pathsep, str(checkout), str(checkout / "dags"), given.get("PYTHONPATH")
        ),
    }


def airflow_url(home: Home) -> str:
    """Where Airflow's api-server of this home is, or was."""
    return f"http://{LOOPBACK}:{home.remembered_port('airflow') or AIRFLOW_PORT}"


def passwords_file(home: Home) -> Path:
    """Where Airflow's simple auth manager finds the password of its user."""
    return home.airflow / "passwords.json"


def _sections(home: Home, checkout: Path, settings: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Airflow's configuration, by section: a small installation that answers soon."""
    url = airflow_url(home)
    return {
        "CORE": {
            "DAGS_FOLDER": str(checkout / "dags"),
            "LOAD_EXAMPLES": "False",
            "DAGS_ARE_PAUSED_AT_CREATION": "False",
            "EXECUTOR": "LocalExecutor",
            "PARALLELISM": "4",
            "MAX_ACTIVE_TASKS_PER_DAG": "4",
            "HOSTNAME_CALLABLE": "socket.gethostname",
            "FERNET_KEY": settings[credentials.FERNET_KEY],
            "EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
            "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(home)),
        },
        "DATABASE": {
            "SQL_ALCHEMY_CONN": _with_scheme(settings, "postgresql+psycopg2"),
            "SQL_ALCHEMY_CONN_ASYNC": _with_scheme(settings, "postgresql+asyncpg"),
        },
        "API": {
            "HOST": LOOPBACK,
            "PORT": str(urlsplit(url).port),
            "BASE_URL": url,
            "SECRET_KEY": settings[credentials.API_SECRET],
        },
        "API_AUTH": {"JWT_SECRET": settings[credentials.JWT_SECRET]},
        "DAG_PROCESSOR": {"REFRESH_INTERVAL": "30"},
        "SCHEDULER": {"SCHEDULER_IDLE_SLEEP_TIME": "0.5"},
        "LOGGING": {
            "BASE_LOG_FOLDER": str(home.logs / "airflow"),
            "DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home.logs / "airflow/dag_processor"),
            "COLORED_CONSOLE_LOG": "False",
        },
    }


def _airflow(home: Home, checkout: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The variables that place Airflow in this home and configure it."""
    configured = {
        f"AIRFLOW__{section}__{option}": value
        for section, options in _sections(home, checkout, settings).items()
        for option, value in options.items()
    }
    own_folder = {
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW_CONFIG": str(home.airflow / "airflow.cfg"),
    }
    return {**configured, **own_folder, **_macos()}


def _connections(settings: Mapping[str, str]) -> dict[str, str]:
    """Airflow's connections: two to the warehouse, one to each portal under the portal's name."""
    found = {
        "AIRFLOW_CONN_WAREHOUSE": _postgres_connection(settings["UTPADAN_LOADER_URL"]),
        "AIRFLOW_CONN_WAREHOUSE_BUILDER": _postgres_connection(settings["UTPADAN_BUILDER_URL"]),
    }
    prefix, suffix = "UTPADAN_PORTAL_", "_URL"
    for variable, url in settings.items():
        if variable.startswith(prefix) and variable.endswith(suffix):
            name = variable.removeprefix(prefix).removesuffix(suffix)
            token = settings.get(f"{prefix}{name}_TOKEN", "")
            parts = {"conn_type": "http", "host": url, "password": token}
            found[f"AIRFLOW_CONN_{name}"] = json.dumps(parts)
    return found


def _postgres_connection(url: str) -> str:
    parts = urlsplit(url)
    connection = {
        "conn_type": "postgres",
        "host": parts.hostname or "",
        "port": parts.port or 5432,
        "schema": parts.path.lstrip("/"),
        "login": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "extra": json.dumps(dict(parse_qsl(parts.query))),
    }
    return json.dumps(connection)


def _with_scheme(settings: Mapping[str, str], scheme: str) -> str:
    return urlsplit(settings["UTPADAN_AIRFLOW_URL"])._replace(scheme=scheme).geturl()


def _macos() -> dict[str, str]:
    """Without it macOS ends forked processes that use its frameworks, as Airflow's tasks are."""
    return {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if sys.platform == "darwin" else {}


def _is_set(name: str) -> bool:
    return name.startswith("UTPADAN_") and os.environ[name] != ""


def _joined(separator: str, *parts: str | None) -> str:
    return separator.join(part for part in parts if part)
