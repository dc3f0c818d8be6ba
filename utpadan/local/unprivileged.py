"""How root runs a program that refuses to be run by root, wherever the checkout lies.

A checkout may lie where no other user can go (/root, a private temporary folder), and nothing
outside the home folder is ever opened up for this. Several ways exist; each is forbidden somewhere
(containers refuse user namespaces, some systems have no `setpriv`), so they are tried in turn:

1. a user namespace in which root bears another number: the files stay root's own;
2. the user `nobody`, who may read what root may (in Linux, the capability DAC_READ_SEARCH);
3. the user `nobody`, with the capability that containers grant instead (DAC_OVERRIDE);
4. the plain user `nobody`, where the folders above let others pass.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utpadan.local.process import LocalError

NOBODY = 65534
PROBE = 'test "$(id -u)" -ne 0 && test -w "$1" && test -x "$2" && cd "$1"'


@dataclass(frozen=True)
class Way:
    """A way to run a program: what goes before its command, or the user it changes to.

    `owner` (uid, gid) is whose files it can write; None means the present user's, as they are.
    """

    name: str
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None
    owner: tuple[int, int] | None = None
    opens_home: bool = False

    def take(self, folder: Path) -> None:
        """Make `folder` and all in it the property of this way's user, unless it is already."""
        if self.owner is None or _owner(folder) == self.owner:
            return
        for parent, folders, files in os.walk(folder, topdown=False):
            for name in (*folders, *files):
                os.chown(Path(parent) / name, *self.owner, follow_symlinks=False)
        os.chown(folder, *self.owner)


def choose(home: Path, program: Path) -> Way:
    """The first way in which `program` can be run and can write below `home`.

    Raises LocalError that says why each was refused.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Way("the present user")
    refusals = []
    for way in ways():
        refusal = _refusal(way, home, program)
        if refusal is None:
            return way
        refusals.append(f"  - {way.name}: {refusal}")
    raise LocalError(
        "Postgres is not to be run by root, nor by a user without a name, and there is no way to "
        "run it as somebody else here:\n"
        + "\n".join(refusals)
        + "\nRun this as an ordinary user, or set UTPADAN_HOME to a folder of a local disk."
    )


def ways() -> Iterator[Way]:
    """The ways this system has the programs for, the one that changes least first."""
    nobody = _nobody()
    uid, gid = str(nobody[0]), str(nobody[1])
    if unshare := shutil.which("unshare"):
        mapped = (unshare, f"--map-user={uid}", f"--map-group={gid}", "--")
        yield Way("a user namespace", prefix=mapped, owner=(os.geteuid(), os.getegid()))
    if os.geteuid() != 0:
        return
    if setpriv := shutil.which("setpriv"):
        for right in ("dac_read_search", "dac_override"):
            yield Way(
                f"the user nobody with {right}",
                prefix=(
                    *(setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups"),
                    *(f"--inh-caps=-all,+{right}", f"--ambient-caps=-all,+{right}", "--"),
                ),
                owner=nobody,
            )
    yield Way("the user nobody", user=nobody[0], group=nobody[1], owner=nobody, opens_home=True)


def _refusal(way: Way, home: Path, program: Path) -> str | None:
    """Why this way does not work here, found by trying it in a new folder; None if it does."""
    if way.opens_home:
        home.chmod(0o711)
    folder = Path(tempfile.mkdtemp(prefix="probe-", dir=home))
    try:
        way.take(folder)
        done = subprocess.run(
            [*way.prefix, "/bin/sh", "-c", PROBE, "sh", str(folder), str(program)],
            capture_output=True,
            text=True,
            cwd="/",
            user=way.user,
            group=way.group,
            extra_groups=None if way.user is None else [],
            check=False,
        )
    except OSError as error:
        return str(error)
    finally:
        folder.rmdir()
    if done.returncode == 0:
        return None
    return done.stderr.strip() or f"it cannot write in {home} or cannot run {program}"


def _has_name(uid: int) -> bool:
    """Postgres' initdb wants one; a container may be run with any uid."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY
    return entry.pw_uid, entry.pw_gid


def _owner(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_uid, found.st_gid
