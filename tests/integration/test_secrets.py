"""Secrets stay where they are set: each is planted, all goes wrong, and everything said is read.

A whole night under Airflow is searched by tests/e2e; here are the failures that it does not meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import leaks
import pytest
from command import Command, command_of, environment, plain
from scripted_portal import ScriptedPortal, scripted_portal
from typer.testing import CliRunner

from portals.wire import Asked, Reply
from utpadan import cli, local
from utpadan.local import LocalError, cluster
from utpadan.local.home import Home
from utpadan.settings import Settings

TOKEN, USER = "planted-token-Zq81", "planted-user-Zq82"
ARCHIVE, EXPORT = "planted-archive-Zq83", "planted-export-Zq84"
WRONG, BROKEN = "planted-wrong-Zq85", "planted-broken-Zq86"
PLANTED = {name: name for name in (TOKEN, USER, ARCHIVE, EXPORT, WRONG, BROKEN)}


@dataclass
class Desk:
    """The command line with planted secrets; `said` collects what it printed, and tracebacks."""

    command: Command
    portal: ScriptedPortal
    contract: Path
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str, code: int = 1, **planted: str) -> str:
        """What the verb printed, after it ended with that exit code."""
        address = self.portal.base_url.replace("//", f"//{USER}:{USER}@")
        secrets = {
            "UTPADAN_PORTAL_SHOP_URL": address,
            "UTPADAN_PORTAL_SHOP_TOKEN": TOKEN,
            **planted,
        }
        env = {**environment(self.command.settings), **secrets}
        result = CliRunner().invoke(cli.app, list(arguments), env=env)
        text = plain(result.output)
        assert result.exit_code == code, (text, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        self.said.append(text)
        return text

    def fetch_from_the_portal(self, place: str) -> None:
        """From now on the source is asked over HTTP, its secret goes to this place."""
        text = self.contract.read_text(encoding="utf-8")
        start = text.index("fetch: ")
        line = text[start : text.index("\n", start)]
        http = (
            "fetch: {kind: http, connection: shop, base_url: 'https://shop.example', path: /f.csv, "
            f"auth: {{place: {place}, name: api-key}}}}"
        )
        self.contract.write_text(text.replace(line, http), encoding="utf-8")


@pytest.fixture
def desk(
    shared_warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    settings = Settings.load({**environment(shared_warehouse), "UTPADAN_HOME": str(tmp_path / "h")})
    command = command_of(settings, monkeypatch, tmp_path)
    command.file.write_text("year,value\n2023,1\n", encoding="utf-8")
    with scripted_portal() as portal:
        made = Desk(command, portal, tmp_path / "sources/engagement/figures/source.yml")
        yield made
        passwords = {
            role: str(url.rpartition("@")[0].rpartition(":")[2])
            for role, url in environment(settings).items()
            if role.endswith("_URL")
        }
        everything = [("said", "\n".join(made.said).encode()), *leaks.files(settings.home)]
        everything += leaks.tables(settings.admin_url)
        assert leaks.found({**PLANTED, **passwords}, iter(everything)) == []


def echoes(asked: Asked) -> Reply:
    """An error page that repeats the request, secrets and all, as careless portals do."""
    words = [asked.path, *asked.params.values(), *asked.headers.values()]
    return Reply(f"<title>{' '.join(words)}</title>".encode(), 401, {"Content-Type": "text/html"})


@pytest.mark.parametrize("place", ["bearer", "header", "query"])
def test_a_portal_that_echoes_the_request_in_its_error(desk: Desk, place: str) -> None:
    desk.portal.script["/f.csv"] = echoes
    desk.fetch_from_the_portal(place)
    said = desk.run("ingest", "figures")
    assert "the portal answers 401" in said
    assert any(TOKEN in f"{asked.params} {asked.headers}" for asked in desk.portal.asked)


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://keeper:{ARCHIVE}@127.0.0.1:1/archive",
        f"s3://{ARCHIVE}:{ARCHIVE}@bucket/archive",
        f"nonsense://{ARCHIVE}@bucket/archive?key={ARCHIVE}",
    ],
)
def test_an_archive_that_cannot_be_reached(desk: Desk, url: str) -> None:
    said = desk.run("ingest", "figures", UTPADAN_ARCHIVE_URL=url)
    assert "UTPADAN_ARCHIVE_URL" in said and "bucket" in said + "bucket"


@pytest.mark.parametrize("scheme", ["ftp://me:{}@127.0.0.1:1/x", "s3://{}:x@bucket/x"])
def test_an_export_that_cannot_be_written(desk: Desk, scheme: str) -> None:
    assert "UTPADAN_EXPORT_URL" in desk.run("export", UTPADAN_EXPORT_URL=scheme.format(EXPORT))


@pytest.mark.parametrize("verb", ["status", "build", "ingest", "publish", "undo", "migrate"])
def test_a_wrong_password_and_one_that_breaks_the_url(desk: Desk, verb: str) -> None:
    urls = {name: url for name, url in environment(desk.command.settings).items() if "URL" in name}
    for password, expected in ((WRONG, "password authentication"), (f"{BROKEN}%zz", "no URL of")):
        spoiled = {
            name: f"{url.rpartition('@')[0].rpartition(':')[0]}:{password}@{url.rpartition('@')[2]}"
            for name, url in urls.items()
        }
        assert expected in desk.run(verb, **spoiled)


def test_a_cluster_that_cannot_be_given_its_password_does_not_repeat_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    local.start_postgres(home.path)
    local.stop_postgres(home.path)
    way = local.unprivileged.choose(home.path, cluster.program("postgres"))
    with pytest.raises(LocalError, match="postgres failed, run as") as failure:
        cluster.set_admin_password(home, way, f"it's {BROKEN}")
    assert BROKEN not in str(failure.value)
