"""What docker-compose.yml, the Dockerfile and .env.example promise, read from their text."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from compose_file import EXAMPLE, RAW, TEXT, env_file, one_shot, resolve

from portals.registry import PORTALS
from utpadan.local import cluster
from utpadan.settings import portal_variable
from utpadan.source import CHECKOUT

SERVICES: dict[str, dict[str, Any]] = RAW["services"]
STAYING = [name for name, service in SERVICES.items() if not one_shot(service)]
SECRETS = re.findall(r"^(\w+)=$", EXAMPLE, re.MULTILINE)
MARKED = {name: f"<{name}>" for name in SECRETS}
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
STAGES = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]
SCHEMA = json.loads((CHECKOUT / "tests/compose/compose-spec.json").read_text(encoding="utf-8"))


def resolved(**variables: str) -> dict[str, Any]:
    """The services with each secret marked by its name."""
    services: dict[str, Any] = resolve(RAW, {**MARKED, **variables})["services"]
    return services


@pytest.mark.parametrize("document", [RAW, resolve(RAW, MARKED)], ids=["as written", "resolved"])
def test_the_file_is_valid_by_the_compose_specification(document: dict[str, Any]) -> None:
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)
    assert [f"{error.json_path}: {error.message}" for error in found] == []


def test_every_image_is_pinned_to_a_release() -> None:
    numbers = {"postgres": 2, "python": 3, "redis": 3, "utpadan": 3}
    bases = re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 1
    for image in bases + [service["image"] for service in SERVICES.values()]:
        name, _, tag = image.partition(":")
        release = r"\.".join([r"\d+"] * numbers[name])
        assert re.fullmatch(rf"{release}(-[a-z]+)*", tag), image


def test_the_image_of_utpadan_bears_its_version_and_is_never_fetched() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    built = {
        name for name, service in SERVICES.items() if service.get("build", {}).get("context") == "."
    }
    assert built == SERVICES.keys() - {"postgres", "redis"}
    assert {SERVICES[name]["image"] for name in built} == {f"utpadan:{project['version']}"}


def test_no_secret_is_in_the_file() -> None:
    demo_tokens = {portal.token for portal in PORTALS}
    seen = set()
    for service in resolved().values():
        for name, value in service.get("environment", {}).items():
            passwords = re.findall(r"://[^/]*:([^@/]*)@", value)
            if re.search(r"(PASSWORD|SECRET|KEY|AUTH)$", name):
                passwords.append(value)
            assert set(passwords) <= set(MARKED.values()), f"{name} has a secret of its own"
            assert not name.endswith("TOKEN") or value in demo_tokens
            seen.update(passwords)
    assert seen == set(MARKED.values())


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    assert used <= set(re.findall(r"^#?(\w+)=", EXAMPLE, re.MULTILINE))
    for_compose = re.findall(
        r"^#?(\w+)=", EXAMPLE.partition("docker compose only")[2], re.MULTILINE
    )
    assert set(for_compose) - {"COMPOSE_PROFILES"} <= used


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_starts_without_a_secret(name: str) -> None:
    with pytest.raises(LookupError, match=f"{name}: see .env.example"):
        resolved(**{name: ""})


def test_the_command_of_the_example_makes_a_new_long_secret_for_each(tmp_path: Path) -> None:
    first, second = env_file(tmp_path), env_file(tmp_path)
    made = [found[name] for found in (first, second) for name in SECRETS]
    assert len(set(made)) == 2 * len(SECRETS)
    assert all(re.fullmatch(r"[\w-]{64}|[\w-]{43}=", secret) for secret in made)
    assert len(base64.urlsafe_b64decode(first["UTPADAN_AIRFLOW_FERNET_KEY"])) == 32
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert resolve(RAW, first) != resolve(RAW, second)


@pytest.mark.parametrize("name", STAYING)
def test_a_service_that_stays_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    user = service["user"] if "image" in service and "build" not in service else image_user()
    assert user.split(":")[0] not in ("root", "0", "")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid"} & service.keys()
    for port in resolved()[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_until_what_it_needs_is_ready(name: str) -> None:
    waits = SERVICES[name].get("depends_on", {})
    for other, wait in waits.items():
        ended, healthy = "service_completed_successfully", "service_healthy"
        assert wait["condition"] == (ended if one_shot(SERVICES[other]) else healthy)
        assert wait.get("required", True) != ("profiles" in SERVICES[other])
    assert ("migrate" in waits) == (name not in ("postgres", "redis", "portals", "migrate"))


def test_the_profiles_add_the_stand_ins_celery_and_the_command_line() -> None:
    assert {
        name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service
    } == {
        "portals": ["demo"],
        "redis": ["celery"],
        "airflow-worker": ["celery"],
        "utpadan": ["tools"],
    }


def test_one_variable_chooses_the_executor() -> None:
    name = "AIRFLOW__CORE__EXECUTOR"
    for service in ("airflow-scheduler", "airflow-worker", "airflow-api-server"):
        assert resolved()[service]["environment"][name] == "LocalExecutor"
        celery = resolved(UTPADAN_EXECUTOR="CeleryExecutor")[service]["environment"]
        assert celery[name] == "CeleryExecutor"


@pytest.mark.parametrize("service", ["airflow-scheduler", "airflow-worker", "utpadan"])
def test_the_stand_ins_are_asked_unless_the_environment_names_another_portal(service: str) -> None:
    environment = resolved()[service]["environment"]
    for portal in PORTALS:
        variable = portal_variable(portal.name, "URL")
        assert environment[variable] == f"http://portals:8701{portal.path}"
        assert environment.get(portal_variable(portal.name, "TOKEN")) == portal.token
        other = resolved(**{variable: "https://portal.example"})[service]["environment"]
        assert other[variable] == "https://portal.example"


def test_the_warehouse_is_open_only_to_what_works_on_it() -> None:
    """The api-server, which the network reaches, has none of its passwords; tasks have two."""
    roles = ("ADMIN", "LOADER", "BUILDER", "ANALYST", "BI")
    seen = {
        name: {role for role in roles if f"<UTPADAN_{role}_PASSWORD>" in str(service)}
        for name, service in resolved().items()
    }
    tasks = {"LOADER", "BUILDER"}
    assert {name: found for name, found in seen.items() if found} == {
        "postgres": {"ADMIN"},
        "migrate": set(roles),
        "utpadan": set(roles),
        "airflow-scheduler": tasks,
        "airflow-worker": tasks,
    }


def test_postgres_has_the_settings_of_the_local_runtime() -> None:
    told = dict(word.removeprefix("-c").split("=") for word in SERVICES["postgres"]["command"][1:])
    local = dict(re.findall(r"^(\w+) = '?(\w+[.\w]*)'?$", cluster.CONFIGURATION, re.MULTILINE))
    assert {name: local[name] for name in told} == told
    assert {"max_locks_per_transaction", "jit", "timezone"} <= told.keys()


def test_what_is_written_has_a_place_that_the_user_of_the_image_owns() -> None:
    volumes = [v.split(":") for s in SERVICES.values() for v in s.get("volumes", [])]
    assert {name for name, _ in volumes} == RAW["volumes"].keys()
    made = re.findall(r"(?<= )/var/lib/utpadan/\w+", STAGES[-1])
    mounted = {path for _, path in volumes if path.startswith("/var/lib/utpadan/")}
    assert mounted <= set(made)
    user, group = image_user().split(":")
    for service in SERVICES.values():
        if "build" in service:
            airflow = f"/var/lib/utpadan/airflow:uid={user},gid={group},mode=0700"
            assert service["tmpfs"] == ["/tmp", airflow]


def test_the_image_installs_the_locked_packages_before_the_code_that_changes() -> None:
    _, build, final = STAGES
    (install,) = re.findall(r"install [^&]*?-r requirements\.lock", build)
    assert {"--require-hashes", "--no-deps"} <= set(install.split())
    assert build.index("COPY requirements.lock") < build.index(install) < build.index("COPY . .")
    assert "compileall" in build
    assert not re.search(r"apt-get|\bpip\b|gcc", final)
    assert final.index("COPY --from=build") < final.index("USER ")


def test_only_what_is_named_goes_into_the_image() -> None:
    lines = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    named = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert patterns[0] == "*"
    assert {name for name in named if not (CHECKOUT / name).exists()} == set()
    assert not named & {".env", ".git", ".utpadan", ".venv", "tests"}


def image_user() -> str:
    """The user and group of the final stage, which compose need not repeat."""
    (user,) = re.findall(r"^USER (\S+)$", STAGES[-1], re.MULTILINE)
    return str(user)
