"""Settings: what the environment says, over what the home folder says, over nothing."""

from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from utpadan.settings import (
    MalformedEnvFile,
    MalformedSetting,
    MissingSetting,
    Settings,
    without_secrets,
)
from utpadan.source import CHECKOUT


def settings(home: Path, **variables: str) -> Settings:
    return Settings.load({"UTPADAN_HOME": str(home), **variables})


def test_the_home_folder_lies_in_the_checkout_unless_said_otherwise(tmp_path: Path) -> None:
    assert Settings.load({}).home == CHECKOUT / ".utpadan"
    assert settings(tmp_path).home == tmp_path


def test_the_env_file_of_the_home_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(
        "# made by hand\n\n"
        "UTPADAN_LOADER_URL=postgresql://from-file/w\n"
        "UTPADAN_BUILDER_URL='postgresql://b:p w@from-file/w'\n"
    )
    found = settings(tmp_path, UTPADAN_LOADER_URL="postgresql://from-environment/w")
    assert found.loader_url == "postgresql://from-environment/w"
    assert found.require("UTPADAN_BUILDER_URL") == "postgresql://b:p w@from-file/w"


def test_an_empty_variable_of_the_environment_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("UTPADAN_BI_URL=postgresql://from-file/w\n")
    assert settings(tmp_path, UTPADAN_BI_URL="").bi_url == "postgresql://from-file/w"


@pytest.mark.parametrize("role", ["admin", "loader", "builder", "analyst", "bi"])
def test_a_missing_url_is_named_together_with_what_provides_it(tmp_path: Path, role: str) -> None:
    with pytest.raises(MissingSetting) as raised:
        getattr(settings(tmp_path), f"{role}_url")
    assert raised.value.variable == f"UTPADAN_{role.upper()}_URL"
    assert raised.value.variable in str(raised.value)
    assert "`make run`" in str(raised.value)
    assert str(tmp_path / "env") in str(raised.value)


def test_the_archive_is_a_folder_of_the_home_unless_a_url_is_given(tmp_path: Path) -> None:
    assert settings(tmp_path).archive_url == f"file://{tmp_path}/archive"
    assert settings(tmp_path, UTPADAN_ARCHIVE_URL="s3://bucket/a").archive_url == "s3://bucket/a"


def test_a_portal_is_found_by_its_name_however_it_is_written(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        UTPADAN_PORTAL_SRIJAN_DEEP_URL="https://portal.example/deep",
        UTPADAN_PORTAL_SRIJAN_DEEP_TOKEN="t0k3n",
    )
    for name in ("srijan_deep", "srijan-deep", "SRIJAN DEEP"):
        assert found.connection(name).url == "https://portal.example/deep"
        assert found.connection(name).token == "t0k3n"


def test_a_portal_without_a_secret_has_no_token_and_one_without_a_url_is_an_error(
    tmp_path: Path,
) -> None:
    found = settings(
        tmp_path, UTPADAN_PORTAL_PRESS_URL="https://p.example", UTPADAN_PORTAL_PRESS_TOKEN=""
    )
    assert found.connection("press").token is None
    with pytest.raises(MissingSetting, match="UTPADAN_PORTAL_COMTRADE_URL"):
        found.connection("comtrade")


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        # pragma: allowlist nextline secret: made up
        UTPADAN_LOADER_URL="postgresql://l:hunter2@h/w",
        # pragma: allowlist nextline secret: made up
        UTPADAN_PORTAL_EXIM_URL="https://user:hunter2@portal.example",
        UTPADAN_PORTAL_EXIM_TOKEN="hunter2",
    )
    for shown in (repr(found), str(found), repr(found.connection("exim")), f"{found}"):
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    "password", ["hun%zzter2", "hun#ter2", "hun/ter2", "hun@ter2", "hun ter2", "hun?ter2"]
)
def test_a_url_that_a_driver_would_complain_of_is_refused_unseen(
    tmp_path: Path, password: str
) -> None:
    found = settings(tmp_path, UTPADAN_BI_URL=f"postgresql://bi:{password}@127.0.0.1:5432/w")
    with pytest.raises(MalformedSetting, match=r"^UTPADAN_BI_URL is no URL of a database") as said:
        assert found.bi_url
    assert "ter2" not in str(said.value)


@pytest.mark.parametrize(
    "url",
    [
        # pragma: allowlist nextline secret: made up
        "postgresql://bi:a-b_c%40%2F@db.example:5432/w?sslmode=require&options=-c%20a%3Db",
        "postgres://bi@db.example/w",
        "postgresql:///w?host=/run/postgresql",
        "postgresql://bi:x@[::1]:5432/w",
        "postgresql://bi:x@one:5432,two:5433/w?target_session_attrs=read-write",
    ],
)
def test_every_form_of_url_that_postgres_takes_is_taken(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, UTPADAN_BI_URL=url).bi_url == url
    assert conninfo_to_dict(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://KEY:SECRET@bucket/place", "s3://bucket/place"),
        # pragma: allowlist nextline secret: made up
        ("ftp://me:p@ss@host:21/a?token=x", "ftp://host:21/a"),
        ("file:///var/lib/a@b", "file:///var/lib/a@b"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize("line", ["UTPADAN_BI_URL", "two words=1", "A='open", "9X=1"])
def test_a_line_that_is_no_setting_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "env").write_text(f"UTPADAN_X=1\n{line}\n")
    with pytest.raises(MalformedEnvFile, match="line 2"):
        settings(tmp_path)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        settings(tmp_path).home = tmp_path / "elsewhere"  # type: ignore[misc]


def test_the_example_file_names_every_variable_that_is_read() -> None:
    text = (CHECKOUT / ".env.example").read_text()
    example = dict(
        line.removeprefix("#").split("=", 1) for line in text.splitlines() if "=" in line
    )
    found = Settings.load({**example, "UTPADAN_HOME": "/nowhere"})
    for role in ("admin", "loader", "builder", "analyst", "bi"):
        assert getattr(found, f"{role}_url") == example[f"UTPADAN_{role.upper()}_URL"]
    assert found.archive_url == example["UTPADAN_ARCHIVE_URL"]
    portals = [name for name in example if name.startswith("UTPADAN_PORTAL_") and "_URL" in name]
    for portal in portals:
        name = portal.removeprefix("UTPADAN_PORTAL_").removesuffix("_URL").lower()
        assert found.connection(name).url == example[portal]
