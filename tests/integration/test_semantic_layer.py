"""Metrics, documentation and freshness, as readers of a release of the real input get them."""

from __future__ import annotations

import csv
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command import environment

from utpadan.settings import Settings
from utpadan.source import load_sources
from utpadan.transform import stale_sources, write_docs
from utpadan.transform.build import PROJECT
from utpadan.transform.keys import read_metrics

pytestmark = pytest.mark.timeout(600)

CRORE = 10_000_000
NUMBER = re.compile("int|numeric|double|real")
UNIT = re.compile(r"^_|_(inr|usd|eur|percent|crore|lakh|hectares|acres|years|days|kg|jobs|index)$")
Row = dict[str, str]


@pytest.fixture
def proxy() -> Iterator[socket.socket]:
    """A listener where a program that wants to leave this machine has to call first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def mf(settings: Settings, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`utpadan mf` as a program of its own."""
    program = [sys.executable, "-c", "from utpadan.cli import app; app()", "mf", *words]
    others = {name: value for name, value in os.environ.items() if not name.startswith("UTPADAN_")}
    return subprocess.run(
        program,
        env=others | environment(settings) | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )


def asked(settings: Settings, folder: Path, metrics: str, group_by: str, *more: str) -> list[Row]:
    """The rows of a query."""
    answer = folder / "answer.csv"
    query = ["query", "--metrics", metrics, "--group-by", group_by, "--order", group_by, *more]
    done = mf(settings, *query, "--quiet", "--csv", str(answer))
    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> Decimal | None:
    return Decimal(cell) if cell else None


@pytest.fixture(scope="module")
def by_year(released: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """Every metric there is, by fiscal year, in one query."""
    metrics = ",".join(metric.name for metric in read_metrics(PROJECT))
    folder = tmp_path_factory.mktemp("answers")
    rows = asked(released, folder, metrics, "metric_time__fiscal_year")
    return {row["metric_time__fiscal_year"]: row for row in rows}


def test_production_and_exports_by_fiscal_year_are_the_latest_headline_totals(
    by_year: dict[str, Row],
) -> None:
    # In crore, as published: production 1,08,684 · 1,27,434 · 1.54 lakh crore, exports 21,083 ·
    # 23,622; production grew by 154000 / 127434 - 1 = 20.85 percent in the last year.
    production = {year: number(row["production_inr"]) for year, row in by_year.items()}
    assert production["2022-23"] == 108_684 * CRORE
    assert production["2023-24"] == 127_434 * CRORE
    assert production["2024-25"] == 154_000 * CRORE
    assert number(by_year["2023-24"]["exports_inr"]) == 21_083 * CRORE
    assert number(by_year["2024-25"]["exports_inr"]) == 23_622 * CRORE
    growth = number(by_year["2024-25"]["production_growth_percent"])
    assert growth is not None and round(growth, 2) == Decimal("20.85")


def test_sample_authorisations_by_region_are_what_sql_counts(
    released: Settings, tmp_path: Path
) -> None:
    metrics = "export_authorisations_sample,export_authorisations_sample_inr"
    rows = asked(released, tmp_path, metrics, "country__region")
    by_metric = [
        (
            row["country__region"],
            int(row["export_authorisations_sample"]),
            number(row["export_authorisations_sample_inr"]),
        )
        for row in rows
    ]
    query = """
        select country.region, count(*), sum(authorised.value_inr)
        from marts.fct_export_authorisation as authorised
        inner join marts.dim_country as country on authorised.destination_iso3 = country.iso3
        group by country.region
    """
    with psycopg.connect(released.bi_url) as conn:
        assert sorted(by_metric) == sorted(conn.execute(query).fetchall())


def test_sample_authorisations_are_as_many_as_published_for_the_year(
    by_year: dict[str, Row],
) -> None:
    # 1,507 in 2023-24 and 1,762 in 2024-25, as the ministry stated them.
    names = ("export_authorisations_sample", "export_authorisations_published")
    both = {
        year: [int(float(row[n])) for n in names] for year, row in by_year.items() if row[names[0]]
    }
    assert both == {"2023-24": [1507, 1507], "2024-25": [1762, 1762]}


def test_a_share_is_not_added_up_over_years(released: Settings, tmp_path: Path) -> None:
    # Of all the years from 2016-17 on the last one counts: 22.56 percent in 2024-25.
    rows = asked(released, tmp_path, "production_private_share_percent", "production__scope")
    assert [tuple(row.values()) for row in rows] == [("headline", "22.56")]


def test_rates_in_force_are_those_that_sql_finds(released: Settings, tmp_path: Path) -> None:
    where = "{{ Dimension('incentive__incentive_type') }} = 'capital_subsidy'"
    rows = asked(
        *(released, tmp_path, "highest_incentive_rate_percent", "state__state_name"),
        *("--where", where),
    )
    query = """
        select state_name, max(rate_percent_to) from marts.mart_state_policy_matrix
        where
            incentive_type = 'capital_subsidy' and valid_from <= current_date
            and (valid_to is null or current_date < valid_to)
        group by state_name
    """
    by_metric = [(name, number(value)) for name, value in (row.values() for row in rows)]
    with psycopg.connect(released.bi_url) as conn:
        assert sorted(by_metric) == sorted(conn.execute(query).fetchall())


def test_every_metric_has_an_answer(by_year: dict[str, Row]) -> None:
    metrics = [metric.name for metric in read_metrics(PROJECT)]
    assert [name for name in metrics if not any(row[name] for row in by_year.values())] == []


def test_metrics_are_listed_without_a_word_to_the_outside(
    released: Settings, proxy: socket.socket
) -> None:
    address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
    done = mf(released, "list", "metrics", HTTPS_PROXY=address, HTTP_PROXY=address)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "• production_inr: " in done.stdout
    with pytest.raises(BlockingIOError):
        proxy.accept()


def test_a_metric_that_is_not_there_ends_with_1(released: Settings) -> None:
    done = mf(released, "query", "--metrics", "happiness", "--quiet")
    assert done.returncode == 1
    assert "happiness" in done.stdout


@pytest.fixture(scope="module")
def documented(released: Settings) -> Path:
    """The page of documentation; beside it dbt leaves what it found in the database."""
    return write_docs(released, load_sources())


def test_the_documentation_is_one_page_that_needs_nothing_else(documented: Path) -> None:
    text = documented.read_text(encoding="utf-8")
    assert "A data warehouse of India's defence manufacturing" in text
    assert not re.search(r"<(script|link|img|iframe)[^>]+https?://", text)


@pytest.mark.usefixtures("documented")
def test_every_column_of_every_table_is_described_and_numbers_have_units(
    released: Settings,
) -> None:
    catalog, manifest = read(released, "catalog.json"), read(released, "manifest.json")
    assert len(catalog["nodes"]) > 150
    assert list(undescribed(catalog["nodes"], manifest["nodes"])) == []
    facts = [node["metadata"] for node in catalog["nodes"].values()]
    shown = {fact["schema"] for fact in facts if fact["name"].startswith("fct_")}
    assert shown == {"marts"}


def undescribed(there: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[str]:
    """Columns without a description; numbers whose unit neither name nor properties say.

    A leading underscore marks columns of the warehouse itself, which count loads and lines.
    """
    for name, table in there.items():
        for column, found in table["columns"].items():
            words = stated[name]["columns"].get(column)
            if not words or not words["description"]:
                yield f"{name}.{column}: a description"
            elif NUMBER.search(found["type"]) and not (
                UNIT.search(column) or words["config"]["meta"].get("unit")
            ):
                yield f"{name}.{column}: a unit"


def read(settings: Settings, artifact: str) -> Any:
    """A file that dbt left for readers."""
    return json.loads((settings.home / "dbt_reading/target" / artifact).read_bytes())


def test_a_source_is_stale_past_the_days_of_its_contract_and_not_before(released: Settings) -> None:
    sources = load_sources()
    past = {"budget", *sorted(sources)[::2]} - {"mous"}
    days = {name: s.freshness_days + (1 if name in past else -1) for name, s in sources.items()}
    with grown_older(released, days, never_loaded="mous"):
        stale = {line.partition(":")[0]: line for line in stale_sources(released, sources)}
    assert stale.keys() == past | {"mous"}
    assert re.fullmatch(
        r"budget: nothing new since \d{4}-\d\d-\d\d, its contract expects something every "
        r"400 days; production-exports-desk answers for it",
        stale["budget"],
    )
    assert stale["mous"] == "mous: was never loaded; engagement-desk answers for it"


@contextmanager
def grown_older(settings: Settings, days: Mapping[str, int], never_loaded: str) -> Iterator[None]:
    """Every load of a source was so many days earlier; one source has no load."""
    older = "update ops.load set known_at = known_at - make_interval(days => %s) where source = %s"
    other = "update ops.load set source = %s where source = %s"
    with psycopg.connect(settings.admin_url, autocommit=True) as conn, conn.cursor() as cursor:
        cursor.executemany(older, [(number, name) for name, number in days.items()])
        cursor.execute(other, ("nobody", never_loaded))
        try:
            yield
        finally:
            cursor.execute(other, (never_loaded, "nobody"))
            cursor.executemany(older, [(-number, name) for name, number in days.items()])
