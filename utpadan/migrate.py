"""Migrate: schemas, roles, the ledger and its functions, from the files of `sql/` in their order.

Then what the contracts say of their sources, for whoever asks the ledger.

Every file can be run again at any time; all of them run in one transaction.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from utpadan import ledger
from utpadan.settings import Settings
from utpadan.source import CHECKOUT, load_sources

SQL_FOLDER = CHECKOUT / "sql"
ROLES = "010_roles.sql"
"""The file that a dump needs before it can be restored: whose its objects are."""
OLDEST_SERVER = 16


class MigrationError(RuntimeError):
    """The server cannot hold the warehouse; the message says why and what to do."""


def migrate(settings: Settings, files: str = "[0-9]*.sql") -> None:
    """Bring the database of `settings.admin_url` up to date with this checkout.

    The roles' passwords become those of their URLs; `files` are all, or ROLES. Raises
    MigrationError for a server that is too old and psycopg.Error, naming the statement, for one
    that refuses.
    """
    with psycopg.connect(settings.admin_url) as conn:
        conn.execute("set client_min_messages = warning")
        if conn.info.server_version < OLDEST_SERVER * 10000:
            raise MigrationError(
                f"the server runs Postgres {conn.info.server_version // 10000}, the warehouse "
                f"needs {OLDEST_SERVER} or newer (pg_input_is_valid)"
            )
        conn.execute("select pg_advisory_xact_lock(hashtextextended('utpadan.migrate', 0))")
        for file in sorted(SQL_FOLDER.glob(files)):
            conn.execute(file.read_text(encoding="utf-8").encode())
        if files != ROLES:
            ledger.record_sources(conn, load_sources())
        for variable, url in (
            ("UTPADAN_LOADER_URL", settings.loader_url),
            ("UTPADAN_BUILDER_URL", settings.builder_url),
            ("UTPADAN_ANALYST_URL", settings.analyst_url),
            ("UTPADAN_BI_URL", settings.bi_url),
        ):
            _set_password(conn, variable, url)


def _set_password(conn: psycopg.Connection, variable: str, url: str) -> None:
    parts = urlsplit(url)
    role, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not role or not password:
        raise MigrationError(
            f"{variable} names no role or no password: postgresql://ROLE:PASSWORD@HOST/DATABASE"
        )
    # The server is sent a verifier, so that no log of statements can hold the password.
    verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    conn.execute(
        SQL("alter role {} password {}").format(Identifier(role), Literal(verifier.decode()))
    )
