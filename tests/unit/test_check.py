"""What `utpadan check` finds missing, in a checkout of a test's own and in this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_source import CONTRACT, written

from utpadan.check import check_sources
from utpadan.source import ContractError

MODEL = "dbt_project/models/staging/production_exports/stg_production.sql"
SUITE = "expectations/staging/production_exports.yml"
FIXTURES = "sources/production_exports/production/fixtures"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one source that has everything."""
    written(tmp_path / "sources")
    files = (MODEL, SUITE, "data/production.csv", f"{FIXTURES}/a.csv", f"{FIXTURES}/a.expected.yml")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_whole_source_is_not_complained_of(checkout: Path) -> None:
    assert check_sources(checkout) == []


def test_this_checkout_is_whole() -> None:
    assert check_sources() == []


def remove(name: str) -> Callable[[Path], None]:
    return lambda checkout: (checkout / name).unlink()


def add(name: str) -> Callable[[Path], None]:
    def add_it(checkout: Path) -> None:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).touch()

    return add_it


def rename_source(checkout: Path) -> None:
    (checkout / MODEL).rename(checkout / MODEL.replace("stg_production", "stg_output"))


@pytest.mark.parametrize(
    ("spoil", "problems"),
    [
        (remove(MODEL), ["{source}/source.yml: no staging model; write " + MODEL]),
        (remove(SUITE), ["{source}/source.yml: its domain has no suite " + SUITE]),
        (
            remove("data/production.csv"),
            ["{source}/source.yml: fetch.path: data/production.csv does not exist"],
        ),
        (
            remove(f"{FIXTURES}/a.csv"),
            ["{source}/fixtures/a.expected.yml: the bytes it expects something of are missing"],
        ),
        (
            remove(f"{FIXTURES}/a.expected.yml"),
            [
                "{source}/fixtures: no fixture; put <case>.csv, .json ... and "
                "<case>.expected.yml there",
                "{source}/fixtures/a.*: nothing is expected of it; write a.expected.yml",
            ],
        ),
        (
            add(f"{FIXTURES}/b.c.zip"),
            ["{source}/fixtures/b.c.*: nothing is expected of it; write b.c.expected.yml"],
        ),
        (
            add("dbt_project/models/staging/state_policy/stg_production.sql"),
            [
                "dbt_project/models/staging/state_policy/stg_production.sql: "
                "no source state_policy/production"
            ],
        ),
        (
            rename_source,
            [
                "{source}/source.yml: no staging model; write " + MODEL,
                f"{MODEL.replace('stg_production', 'stg_output')}: "
                "no source production_exports/output",
            ],
        ),
        (add(MODEL.replace(".sql", "_history.sql")), []),
    ],
)
def test_what_is_missing_is_named_with_its_place(
    checkout: Path, spoil: Callable[[Path], None], problems: list[str]
) -> None:
    spoil(checkout)
    source = str(checkout / "sources/production_exports/production")
    assert check_sources(checkout) == [problem.format(source=source) for problem in problems]


@pytest.mark.parametrize("field", ["licence", "owner", "grain", "rows", "publisher", "key"])
def test_a_contract_without_what_it_must_say_is_refused(checkout: Path, field: str) -> None:
    lines = [line for line in CONTRACT.splitlines() if not line.startswith(f"{field}:")]
    written(checkout / "sources", "\n".join(lines))
    with pytest.raises(ContractError, match=f"source.yml:1: {field}: Field required"):
        check_sources(checkout)


def test_a_column_without_description_is_refused(checkout: Path) -> None:
    written(checkout / "sources", CONTRACT.replace(", description: Sector of it", ""))
    with pytest.raises(ContractError, match=r"source.yml:16: columns\.sector\.description: Field"):
        check_sources(checkout)
