"""Backup and restore: a dump of the database and the bytes of the archive, in any folder.

A backup is a folder named after its time; the archive lies beside it once for all backups, so that
a nightly one copies what is new. `backup.json` is written last: a folder without it was cut off and
is never restored.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from utpadan import ledger, local
from utpadan.archive import Archive, sha256_of
from utpadan.migrate import ROLES, migrate
from utpadan.settings import Settings, without_secrets

MANIFEST = "backup.json"
DUMP = "warehouse.dump"
LEFT_OUT = ("marts_next", "marts_spare_*")
"""Schemas that the next build makes anew."""


class BackupError(RuntimeError):
    """A backup that cannot be made or restored; the message says why and what to do."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds: its folder, the release that readers saw, the dump, the bytes' names."""

    name: str
    created_at: str
    release_id: int | None
    dump_bytes: int
    dump_sha256: str
    sha256s: list[str]


def backup(settings: Settings, url: str) -> Backup:
    """Dump the database and copy the archive to `url`, a folder or any fsspec URL.

    It waits for a build that runs; none begins before it is done. Raises ArchiveError for bytes
    that the archive lost, LocalError with what pg_dump says.
    """
    files, root = _folder(url)
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="utpadan-") as folder,
        psycopg.connect(settings.admin_url, autocommit=True) as conn,
    ):
        conn.execute("select pg_advisory_lock(hashtextextended('utpadan.build', 0))")
        dump = Path(folder) / DUMP
        left_out = [f"--exclude-schema={schema}" for schema in LEFT_OUT]
        local.run_quietly(
            settings.admin_url, ["pg_dump", "--format=custom", f"--file={dump}", *left_out]
        )
        made = Backup(
            name=f"{now:%Y%m%dT%H%M%S.%fZ}",
            created_at=f"{now:%Y-%m-%d %H:%M:%S} UTC",
            release_id=_current_release(conn),
            dump_bytes=dump.stat().st_size,
            dump_sha256=sha256_of(dump),
            sha256s=ledger.archived(conn),
        )
        # Bytes are archived before the ledger names them, so that all that the dump names is there.
        archive, copy = Archive(settings.archive_url), Archive(f"{url}/archive")
        _copy(archive, copy, made.sha256s)
        for source, document in archive.ledgers().items():
            copy.keep_ledger(source, document)
        files.makedirs(f"{root}/{made.name}", exist_ok=True)
        files.put_file(str(dump), f"{root}/{made.name}/{DUMP}")
        manifest = json.dumps(asdict(made), indent=2)
        files.pipe_file(f"{root}/{made.name}/{MANIFEST}", manifest.encode())
    return made


def restore(settings: Settings, url: str, name: str | None = None) -> Backup:
    """Bring the newest backup at `url`, or the one named, into an empty warehouse.

    The database is restored in one transaction, after the archive. Raises BackupError when there is
    no such backup, when it is damaged, when the warehouse is not empty; ArchiveError for damaged
    bytes, LocalError with what pg_restore says.
    """
    files, root = _folder(url)
    made = _find(url, name)
    require_empty(settings)
    with tempfile.TemporaryDirectory(prefix="utpadan-") as folder:
        dump = Path(folder) / DUMP
        files.get_file(f"{root}/{made.name}/{DUMP}", str(dump))
        if sha256_of(dump) != made.dump_sha256:
            raise BackupError(
                f"{without_secrets(url)}: the dump of {made.name} is damaged; "
                "name another with --name"
            )
        _copy(Archive(f"{url}/archive"), Archive(settings.archive_url), made.sha256s)
        migrate(settings, ROLES)
        _drop_empty(settings)
        how = ["--single-transaction", "--exit-on-error"]
        database = conninfo_to_dict(settings.admin_url)["dbname"]
        local.run_quietly(
            settings.admin_url, ["pg_restore", *how, f"--dbname={database}", str(dump)]
        )
    migrate(settings)
    return made


def require_empty(settings: Settings) -> None:
    """Raise BackupError when the database holds a warehouse that ever took a delivery."""
    with psycopg.connect(settings.admin_url) as conn:
        if conn.execute("select to_regclass('ops.delivery')").fetchone() == (None,):
            return
        if conn.execute("select from ops.delivery limit 1").fetchone() is not None:
            raise BackupError(
                f"the database {conn.info.dbname} at {conn.info.host} holds a warehouse, and "
                "nothing is overwritten: let UTPADAN_ADMIN_URL and the other URLs name an empty one"
            )


def _folder(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    try:
        files, root = fsspec.core.url_to_fs(url)
    except (ImportError, OSError, ValueError) as error:
        shown = without_secrets(url)
        cause = f"{type(error).__name__}: {str(error).replace(url, shown)}"
        raise BackupError(f"{shown}: {cause}; check the address and its package") from None
    return files, root


def _find(url: str, name: str | None) -> Backup:
    files, root, shown = *_folder(url), without_secrets(url)
    found = sorted(Path(place).parent.name for place in files.glob(f"{root}/*/{MANIFEST}"))
    if not found:
        raise BackupError(f"{shown} holds no backup: `utpadan backup {shown}` makes one")
    if name is not None and name not in found:
        raise BackupError(f"{shown} holds no whole backup {name}; there is {', '.join(found)}")
    return Backup(**json.loads(files.cat_file(f"{root}/{name or found[-1]}/{MANIFEST}")))


def _copy(source: Archive, target: Archive, sha256s: Iterable[str]) -> None:
    """Copy bytes that the target has not; each is hashed on the way."""
    for sha256 in sha256s:
        if not target.has(sha256):
            with source.open(sha256) as path:
                target.keep(path, sha256)


def _current_release(conn: psycopg.Connection) -> int | None:
    row = conn.execute("select release_id from ops.release_history where is_current").fetchone()
    return row[0] if row else None


def _drop_empty(settings: Settings) -> None:
    """Drop the schemas of a warehouse that was migrated and took no delivery yet."""
    with psycopg.connect(settings.admin_url) as conn:
        conn.execute("set client_min_messages = warning")
        schemas = conn.execute(
            "select nspname from pg_namespace "
            "where nspname in ('landing', 'staging', 'ops', 'prep') or nspname like 'marts%'"
        ).fetchall()
        for (schema,) in schemas:
            conn.execute(SQL("drop schema {} cascade").format(Identifier(schema)))
