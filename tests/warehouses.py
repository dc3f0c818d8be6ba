"""Databases of a test's own on the run's server, each a migrated warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from utpadan.migrate import migrate
from utpadan.settings import Settings

_numbers = count(1)


@contextmanager
def fresh_warehouse(server: Settings, home: Path) -> Iterator[Settings]:
    """Create, migrate and in the end drop a database of its own."""
    name = f"warehouse_{next(_numbers)}"
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute(SQL("create database {}").format(Identifier(name)))
    settings = settings_of(server, name, home)
    migrate(settings)
    yield settings
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute(SQL("drop database {} with (force)").format(Identifier(name)))


@contextmanager
def copied_warehouse(server: Settings, original: Settings) -> Iterator[Settings]:
    """A copy of a warehouse that nobody is connected to, in a database of its own.

    They share the home: the archive, and what dbt wrote of the build.
    """
    name = f"warehouse_{next(_numbers)}"
    copy, database = Identifier(name), Identifier(urlsplit(original.admin_url).path[1:])
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute(SQL("create database {} template {}").format(copy, database))
    settings = settings_of(server, name, original.home)
    migrate(settings)  # what roles may do with a database is not copied with it
    yield settings
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute(SQL("drop database {} with (force)").format(copy))


def settings_of(server: Settings, database: str, home: Path) -> Settings:
    """The server's settings, pointed at another database and another home."""
    urls = {
        f"UTPADAN_{role}_URL": urlsplit(url)._replace(path=f"/{database}").geturl()
        for role, url in (
            ("ADMIN", server.admin_url),
            ("LOADER", server.loader_url),
            ("BUILDER", server.builder_url),
            ("ANALYST", server.analyst_url),
            ("BI", server.bi_url),
        )
    }
    return Settings.load({"UTPADAN_HOME": str(home), **urls})
