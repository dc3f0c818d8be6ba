"""What `utpadan check` finds missing, in a checkout of a test's own and in this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_source import CONTRACT, written

from utpadan.check import check_sources
from utpadan.source import ContractError, load_sources
from utpadan.transform.build import PROJECT
from utpadan.transform.restricted import unmarked

MODEL = "dbt_project/models/staging/production_exports/stg_production.sql"
SUITE = "expectations/staging/production_exports.yml"
STAGED = "select\n    {}\nfrom {{{{ source('staging', 'production') }}}}\n"
FIXTURES = "sources/production_exports/production/fixtures"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one source that has everything."""
    written(tmp_path / "sources")
    files = (MODEL, SUITE, "data/production.csv", f"{FIXTURES}/a.csv", f"{FIXTURES}/a.expected.yml")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / MODEL).write_text(STAGED.format("sector"), encoding="utf-8")
    return tmp_path


def test_a_whole_source_is_not_complained_of(checkout: Path) -> None:
    assert check_sources(checkout) == []


def test_this_checkout_is_whole() -> None:
    assert check_sources() == []


def remove(name: str) -> Callable[[Path], None]:
    return lambda checkout: (checkout / name).unlink()


def add(name: str, text: str = "") -> Callable[[Path], None]:
    def add_it(checkout: Path) -> None:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")

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
        (add(MODEL.replace(".sql", "_history.sql"), STAGED.format("sector")), []),
        (
            add(MODEL, STAGED.format("turnover")),
            ["{checkout}/" + f"{MODEL}:2: the contract production has no column 'turnover'"],
        ),
    ],
)
def test_what_is_missing_is_named_with_its_place(
    checkout: Path, spoil: Callable[[Path], None], problems: list[str]
) -> None:
    spoil(checkout)
    source = str(checkout / "sources/production_exports/production")
    assert check_sources(checkout) == [
        problem.format(source=source, checkout=checkout) for problem in problems
    ]


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


def test_a_staging_model_that_shows_a_personal_column_is_refused(checkout: Path) -> None:
    personal = "description: Sector of it, personal: true"
    written(checkout / "sources", CONTRACT.replace("description: Sector of it", personal))
    (problem,) = check_sources(checkout)
    assert problem.endswith(f"{MODEL}:2: 'sector' is personal data, which never leaves staging")


@pytest.mark.parametrize(
    ("models", "complains_of"),
    [
        ({"marts/fct": "from {{ ref('stg_production') }}"}, "marts/fct"),
        ({"marts/fct": "is_restricted from {{ ref('stg_production') }}"}, None),
        ({"marts/fct": "from {{ ref('stg_production') }} where is_restricted is not true"}, None),
        ({"intermediate/int": "from {{ ref('stg_production') }}"}, None),
        (
            {"intermediate/int": "{{ config(materialized='table') }} {{ ref('stg_production') }}"},
            "intermediate/int",
        ),
        (
            {
                "intermediate/int": "from {{ ref('stg_production') }}",
                "marts/fct": "from {{ ref('int') }}",
            },
            "marts/fct",
        ),
        (
            {
                "intermediate/int": "{{ ref('stg_production') }} where is_restricted is not true",
                "marts/fct": "from {{ ref('int') }}",
            },
            None,
        ),
        ({"marts/dim": "{{ documents_cited() }}"}, "marts/dim"),
        ({"marts/fct": "from {{ ref('stg_of_another') }}"}, None),
    ],
)
def test_a_table_that_loses_the_mark_of_restricted_rows_is_refused(
    checkout: Path, models: dict[str, str], complains_of: str | None
) -> None:
    written(checkout / "sources", CONTRACT + "restricted: The desk alone may see it.\n")
    for name, text in models.items():
        add(f"dbt_project/models/{name}.sql", text)(checkout)
    problems = check_sources(checkout)
    assert [problem.split("dbt_project/models/")[1].split(".sql")[0] for problem in problems] == (
        [complains_of] if complains_of else []
    )


def test_the_partnership_days_can_be_restricted_as_they_are() -> None:
    """No table below the three exports would lose the mark of their rows."""
    why = {"restricted": "Real lists are for the engagement desk."}
    sources = {
        name: source.model_copy(update=why) if name.startswith("partnership_day_") else source
        for name, source in load_sources().items()
    }
    assert sum(source.restricted is not None for source in sources.values()) == 3
    assert list(unmarked(PROJECT, sources)) == []
