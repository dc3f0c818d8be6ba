"""The passwords and keys of a home: made up once, kept in its env file, taken from there after.

A role's password is a part of its URL: one variable says all that a program needs to connect.
"""

import base64
import secrets
from urllib.parse import urlsplit

from utpadan.local.home import Home
from utpadan.local.ports import LOOPBACK
from utpadan.local.process import LocalError

ADMIN = "utpadan_admin"
AIRFLOW = "airflow"
WAREHOUSE = "utpadan"
ROLES = {
    "UTPADAN_ADMIN_URL": (ADMIN, WAREHOUSE),
    "UTPADAN_LOADER_URL": ("utpadan_loader", WAREHOUSE),
    "UTPADAN_BUILDER_URL": ("utpadan_builder", WAREHOUSE),
    "UTPADAN_ANALYST_URL": ("utpadan_analyst", WAREHOUSE),
    "UTPADAN_BI_URL": ("utpadan_bi", WAREHOUSE),
    "UTPADAN_AIRFLOW_URL": (AIRFLOW, AIRFLOW),
}
"""The variable of each URL: its role and its database. sql/ creates the roles of the warehouse."""

FERNET_KEY = "UTPADAN_AIRFLOW_FERNET_KEY"
JWT_SECRET = "UTPADAN_AIRFLOW_JWT_SECRET"  # nosec B105 # pragma: allowlist secret: its variable
API_SECRET = "UTPADAN_AIRFLOW_API_SECRET"  # nosec B105 # pragma: allowlist secret: its variable
UI_PASSWORD = "UTPADAN_AIRFLOW_PASSWORD"  # nosec B105 # pragma: allowlist secret: its variable
UNKNOWN_PORT = 0
"""Stands in a URL until the server has its port; `set_port` replaces it."""


def are_complete(home: Home) -> bool:
    """Whether the env file has every password and key."""
    return {*ROLES, FERNET_KEY, JWT_SECRET, API_SECRET, UI_PASSWORD} <= home.env().keys()


def provide(home: Home) -> None:
    """Make up what is missing; what is there stays."""
    made = {
        name: _url(role, database, secrets.token_urlsafe(24), UNKNOWN_PORT)
        for name, (role, database) in ROLES.items()
    }
    made[FERNET_KEY] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    made[JWT_SECRET] = secrets.token_urlsafe(64)
    made[API_SECRET] = secrets.token_urlsafe(32)
    made[UI_PASSWORD] = secrets.token_urlsafe(16)
    home.update_env({**made, **home.env()})


def set_port(home: Home, port: int) -> None:
    """Let every URL point to this port of the server."""
    urls = {name: _url(*ROLES[name], password(home, name), port) for name in ROLES}
    home.update_env(urls)


def password(home: Home, variable: str) -> str:
    """The password inside the URL kept as `variable`. Raises LocalError when it has none."""
    found = urlsplit(home.env()[variable]).password
    if not found:
        raise LocalError(f"{variable} in {home.env_file} has no password: delete that line")
    return found


def _url(role: str, database: str, secret: str, port: int) -> str:
    return f"postgresql://{role}:{secret}@{LOOPBACK}:{port}/{database}"
