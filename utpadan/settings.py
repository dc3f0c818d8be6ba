"""Where the warehouse, the archive and the portals are, and the secrets that open them.

Every setting is an environment variable `UTPADAN_*`. What the environment does not say is taken
from `<home>/env`, the file the local runtime writes; the environment wins. The home folder, and the
archive and the exports in it, have defaults: any other setting that is missing raises
`MissingSetting`.
"""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from utpadan.source import CHECKOUT

HOME_VARIABLE = "UTPADAN_HOME"
ENV_FILE = "env"

_HOST = r"(?:\[[^\]\s@]*\]|[^\s@/#?:,\[\]]*)(?::\d*)?"
_DATABASE_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^\s@/#?]*@)?{_HOST}(?:,{_HOST})*(?:[/?][^\s#]*)?"
)


class MissingSetting(LookupError):
    """A setting was asked for that neither the environment nor the home folder has."""

    def __init__(self, variable: str, env_file: Path) -> None:
        self.variable = variable
        super().__init__(
            f"{variable} is not set, neither in the environment nor in {env_file}. `make run` (or "
            "`utpadan up`) starts everything on this machine and provides it; to use a server of "
            "your own, set the variable (.env.example lists them all)."
        )


class MalformedEnvFile(ValueError):
    """The env file of the home folder has a line that is not KEY=VALUE."""


class MalformedSetting(ValueError):
    """A setting is not what it must be; the message does not repeat it, as it may be a secret."""


@dataclass(frozen=True)
class Connection:
    """How to reach a portal: its base URL, and its secret where it wants one."""

    name: str
    url: str = field(repr=False)
    token: str | None = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """The settings of one home folder. Read it once with `Settings.load()`; it never changes.

    A setting is looked up when it is asked for, so that a process needs only the settings it uses.
    """

    home: Path
    _values: Mapping[str, str] = field(repr=False)

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `environment` (os.environ by default) over the env file of its home folder.

        Raises MalformedEnvFile when that file cannot be understood.
        """
        given = os.environ if environment is None else environment
        home = home_folder(given)
        ours = {
            name: value for name, value in given.items() if name.startswith("UTPADAN_") and value
        }
        return cls(home=home, _values={**read_env_file(home / ENV_FILE), **ours})

    @property
    def admin_url(self) -> str:
        """The role that creates schemas, roles and the tables of the ledger."""
        return self._database_url("UTPADAN_ADMIN_URL")

    @property
    def loader_url(self) -> str:
        """The role that writes landing, staging and the ledger."""
        return self._database_url("UTPADAN_LOADER_URL")

    @property
    def builder_url(self) -> str:
        """The role that builds prep and the marts, and publishes."""
        return self._database_url("UTPADAN_BUILDER_URL")

    @property
    def analyst_url(self) -> str:
        """The role that reads marts, prep and the ledger's views."""
        return self._database_url("UTPADAN_ANALYST_URL")

    @property
    def bi_url(self) -> str:
        """The role that reads marts."""
        return self._database_url("UTPADAN_BI_URL")

    @property
    def archive_url(self) -> str:
        """The fsspec URL under which fetched bytes are kept; a folder of the home by default."""
        return self._values.get("UTPADAN_ARCHIVE_URL") or (self.home / "archive").as_uri()

    @property
    def export_url(self) -> str:
        """The fsspec URL under which releases are exported; a folder of the home by default."""
        return self._values.get("UTPADAN_EXPORT_URL") or (self.home / "exports").as_uri()

    def connection(self, name: str) -> Connection:
        """The portal `name`: UTPADAN_PORTAL_<NAME>_URL and, where it has a secret, ..._TOKEN."""
        return Connection(
            name=name,
            url=self.require(portal_variable(name, "URL")),
            token=self._values.get(portal_variable(name, "TOKEN")) or None,
        )

    def _database_url(self, variable: str) -> str:
        """A URL that no driver complains of, for that would repeat parts of the password."""
        url = self.require(variable)
        if not _DATABASE_URL.fullmatch(url) or re.search(r"%(?![0-9A-Fa-f]{2})", url):
            raise MalformedSetting(
                f"{variable} is no URL of a database, postgresql://ROLE:SECRET@HOST:PORT/DATABASE; "
                "in the password, all but letters, digits, - and _ is written as %XX"
            )
        return url

    def require(self, variable: str) -> str:
        """The value of `variable`. Raises MissingSetting when it has none."""
        value = self._values.get(variable)
        if not value:
            raise MissingSetting(variable, self.home / ENV_FILE)
        return value


def without_secrets(url: str) -> str:
    """A URL for people: no user, no password, no query."""
    return re.sub(r"(?<=//)[^/\s]*@|\?.*", "", url)


def home_folder(environment: Mapping[str, str]) -> Path:
    """UTPADAN_HOME of `environment`, else `.utpadan` in the checkout."""
    given = environment.get(HOME_VARIABLE)
    return Path(given).expanduser().resolve() if given else CHECKOUT / ".utpadan"


def portal_variable(name: str, suffix: str) -> str:
    """The variable of a portal: that of `exim-2` and "URL" is UTPADAN_PORTAL_EXIM_2_URL."""
    return f"UTPADAN_PORTAL_{re.sub(r'[^A-Za-z0-9]+', '_', name).upper()}_{suffix}"


def read_env_file(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of `path`, quoted as a shell would; none when there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        words = _words(line, path, number)
        if not words:
            continue
        name, equals, value = words[0].partition("=")
        if len(words) != 1 or not equals or not name.isidentifier():
            raise MalformedEnvFile(
                f"{path}, line {number}: expected KEY=VALUE, quoted as a shell would"
            )
        values[name] = value
    return values


def _words(line: str, path: Path, number: int) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise MalformedEnvFile(f"{path}, line {number}: {error}; expected KEY=VALUE") from error
