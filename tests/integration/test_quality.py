"""The gates on a real Postgres: what they stop, what they let pass, what they write down.

Tables here are made for each test. The suites of `expectations/` run on the real data in
`test_quality_suites.py`.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from quality_gate import COMPANIES, SUITE, Gate, rule

from utpadan.quality import SuiteError


@pytest.fixture
def gate(warehouse: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Gate]:
    schema = "gate_" + re.sub(r"\W", "_", request.node.name).lower()[:40]
    made = Gate(warehouse, tmp_path, schema)
    yield made
    made.sql(f"drop schema {schema} cascade")
    made.sql("delete from ops.check_result where suite like '%of_tests'")


FOREIGN = "unexpected_rows: select name, state from companies where state = 'IN-XX'"
SMALL = "expect: expect_column_values_to_be_between\nkwargs: {column: turnover, max_value: 15}"


def test_a_staging_rule_sees_current_rows_only(gate: Gate) -> None:
    result = gate.run(
        rule("expect: expect_table_row_count_to_equal\nkwargs: {value: 2}", id_="two_are_current"),
        rule(FOREIGN, id_="the_closed_one_is_not_seen"),
        rule(
            "expect: expect_column_max_to_be_between\n"
            "kwargs: {column: turnover, min_value: 20, max_value: 20}",
            id_="nor_its_turnover",
        ),
    )
    assert [outcome.success for outcome in result.outcomes] == [True, True, True]
    assert str(result) == "staging/registry_of_tests: 3 of 3 rules hold"


def test_an_error_stops_and_names_suite_rule_count_and_the_next_command(gate: Gate) -> None:
    gate.sql(f"update {gate.schema}.companies set state = 'IN-XX' where name = 'Barod'")
    result = gate.run(rule(FOREIGN), rule(SMALL, severity="warning", id_="small"))
    assert [outcome.rule.id for outcome in result.errors] == ["the_rule"]
    assert [outcome.rule.id for outcome in result.warnings] == ["small"]
    for part in (
        "staging/registry_of_tests: 0 of 2 rules hold, 1 error, 1 warning",
        "companies: Something must hold of every row, the_rule.",
        "1 offence",
        "Barod",
        "utpadan sql -c \"select * from ops.open_finding where suite = 'registry_of_tests'\"",
    ):
        assert part in gate.message
    assert "small" not in gate.message


def test_a_warning_lets_pass_and_is_kept_with_owner_and_sample(gate: Gate) -> None:
    result = gate.run(rule(f"owner: price-desk\n{SMALL}", severity="warning"))
    assert not result.errors
    (row,) = gate.rows(result)
    assert row["success"] is False
    assert (row["severity"], row["owner"], row["fault"]) == ("warning", "price-desk", None)
    assert (row["boundary"], row["suite"], row["target"]) == ("staging", SUITE, "companies")
    assert row["unexpected_count"] == 1, "20 is above 15, 10 is not"
    assert row["sample"] == [20]
    assert row["observed"]["element_count"] == 2
    assert "max_value=15" in row["expectation"]


def test_the_offending_rows_of_a_query_are_kept_and_bounded(gate: Gate) -> None:
    gate.sql(
        f"insert into {gate.schema}.companies (name, state, _line) "
        "select repeat('x', 300) || number, 'IN-XX', number from generate_series(1, 50) as number"
    )
    (row,) = gate.rows(gate.run(rule(FOREIGN)))
    assert row["unexpected_count"] == 50
    assert len(row["sample"]) == 5
    assert row["sample"][0] == {"name": "x" * 200 + " …", "state": "IN-XX"}


@pytest.mark.parametrize(
    ("test", "table", "cause"),
    [
        ("unexpected_rows: select * from nowhere", "nowhere", "there is no table"),
        ("unexpected_rows: select * from companies, nowhere", "companies", "nowhere"),
        ("unexpected_rows: select no_column from companies", "companies", "no_column"),
        ("unexpected_rows: select 1 / 0 from companies", "companies", "division by zero"),
        (
            "expect: expect_column_values_to_not_be_null\nkwargs: {column: no_column}",
            "companies",
            "no_column",
        ),
        (
            "where: no_column = 1\nexpect: expect_table_row_count_to_equal\nkwargs: {value: 2}",
            "companies",
            "no_column",
        ),
        (
            "expect: expect_column_mean_to_be_between\n"
            "kwargs: {column: name, min_value: 0, max_value: 1}",
            "companies",
            "does not exist: double precision * text",
        ),
    ],
)
def test_a_rule_that_cannot_be_judged_blocks_even_as_a_warning(
    gate: Gate, test: str, table: str, cause: str
) -> None:
    good = rule(FOREIGN, id_="a_good_rule")
    result = gate.run(rule(test, severity="warning", table=table), good)
    assert [outcome.rule.id for outcome in result.errors] == ["the_rule"]
    assert cause in (result.errors[0].fault or "")
    assert "could not be judged" in gate.message
    assert [row["fault"] is None for row in gate.rows(result)] == [False, True]


@pytest.mark.parametrize("test", [FOREIGN, SMALL])
def test_an_empty_table_proves_nothing(gate: Gate, test: str) -> None:
    gate.sql(f"update {gate.schema}.companies set _known_to = now() where _known_to is null")
    result = gate.run(rule(test))
    assert "holds no current row" in (result.errors[0].fault or "")


def test_a_table_without_contract_is_not_there(gate: Gate) -> None:
    gate.sql(COMPANIES.format(schema=gate.schema, table="strangers"))
    result = gate.run(rule("unexpected_rows: select * from strangers", table="strangers"))
    assert "there is no table" in (result.errors[0].fault or "")


def test_no_rule_can_show_a_personal_column(gate: Gate) -> None:
    result = gate.run(
        rule("unexpected_rows: select * from companies", id_="whole_rows"),
        rule("unexpected_rows: select email as other from companies", id_="by_another_name"),
        rule(
            "expect: expect_column_values_to_match_regex\nkwargs: {column: email, regex: '^x'}",
            id_="by_its_values",
        ),
    )
    assert result.outcomes[0].sample[0].keys() >= {"name", "state", "turnover", "_line"}
    assert "does not exist" in (result.outcomes[1].fault or "")
    assert "does not exist" in (result.outcomes[2].fault or "")
    pages = [path.read_text() for path in gate.folder.glob("docs/**/*.html")]
    written = [str(row) for row in gate.rows(result)]
    assert pages
    assert not [text for text in [*pages, *written] if "@example.org" in text]


def test_a_suite_that_reads_a_restricted_source_counts_and_shows_no_example(gate: Gate) -> None:
    gate.sql(f"update {gate.schema}.companies set state = 'IN-XX', turnover = 77 where _line = 3")
    rules = (rule(FOREIGN), rule(SMALL, id_="small"))
    assert [len(outcome.sample) for outcome in gate.run(*rules).outcomes] == [1, 1]
    gate.contract("companies", more="restricted: The registry is for the desk alone.\n")
    result = gate.run(*rules)
    assert [(o.unexpected_count, o.sample) for o in result.outcomes] == [(1, []), (1, [])]
    pages = [path.read_text() for path in gate.folder.glob("docs/**/*.html")]
    assert pages
    assert not [text for text in pages if "Barod" in text or ">77" in text]


def test_a_suite_that_reads_marts_with_restricted_rows_shows_no_example(gate: Gate) -> None:
    gate.sql(
        f"grant usage on schema {gate.schema} to utpadan_builder;"
        f"create table {gate.schema}.fct_turnover as "
        "select 'Akhanda' as vendor, 5 as turnover_inr, false as is_restricted;"
        f"grant select on {gate.schema}.fct_turnover to utpadan_builder"
    )
    dear = rule("unexpected_rows: select vendor from fct_turnover", table="fct_turnover")
    assert gate.run(dear, boundary="marts").outcomes[0].sample == [{"vendor": "Akhanda"}]
    gate.sql(f"insert into {gate.schema}.fct_turnover values ('Barod', 6, true)")
    (outcome,) = gate.run(dear, boundary="marts").outcomes
    assert (outcome.unexpected_count, outcome.sample) == (2, [])


def test_a_marts_suite_reads_the_schema_under_test(gate: Gate) -> None:
    gate.sql(
        f"grant usage on schema {gate.schema} to utpadan_builder;"
        f"create table {gate.schema}.fct_turnover as select 'Akhanda' as vendor, 5 as turnover_inr;"
        f"grant select on {gate.schema}.fct_turnover to utpadan_builder"
    )
    held = rule(
        "expect: expect_column_sum_to_be_between\n"
        "kwargs: {column: turnover_inr, min_value: 5, max_value: 5}",
        table="fct_turnover",
        id_="held",
    )
    broken = rule("unexpected_rows: select * from fct_turnover", table="fct_turnover")
    result = gate.run(held, broken, boundary="marts")
    assert [outcome.success for outcome in result.outcomes] == [True, False]
    assert [row["boundary"] for row in gate.rows(result)] == ["marts", "marts"]
    assert gate.rows(result)[1]["sample"] == [{"vendor": "Akhanda", "turnover_inr": 5}]


def test_braces_and_comments_in_sql_mean_what_they_say(gate: Gate) -> None:
    result = gate.run(
        rule("unexpected_rows: |\n  select name from companies\n  where name !~ '^.{5,7}$' --;")
    )
    assert result.outcomes[0].success, "Akhanda and Barod have 7 and 5 letters"


def test_the_age_of_a_failure_is_counted_from_its_first_day(gate: Gate) -> None:
    warning = rule(SMALL, severity="warning")
    first = gate.run(warning).outcomes[0].failing_since
    second = gate.run(warning).outcomes[0].failing_since
    assert first is not None
    assert second == first
    gate.sql(f"update {gate.schema}.companies set turnover = 1")
    assert gate.run(warning).outcomes[0].failing_since is None
    gate.sql(f"update {gate.schema}.companies set turnover = 100")
    again = gate.run(warning).outcomes[0].failing_since
    assert again is not None
    assert again > first, "a failure that was mended in between is a new one"


def test_the_pages_show_the_latest_run_of_each_suite(gate: Gate) -> None:
    gate.run(rule(FOREIGN), name=SUITE)
    gate.run(rule(SMALL), name="prices_of_tests")
    result = gate.run(rule(SMALL, severity="warning"), name=SUITE)
    page = gate.folder / "docs" / "index.html"
    assert result.page == page
    text = html.unescape(page.read_text())
    assert text.count("<small>staging/registry_of_tests,") == 1
    assert text.count("<small>staging/prices_of_tests,") == 1
    assert "Something must hold of every row, the_rule." in text
    assert "could not" not in text
    for suite in (SUITE, "prices_of_tests"):
        folder = gate.folder / "docs" / "staging" / suite
        assert (folder / "index.html").exists()
        assert len(list(folder.glob("validations/**/*.html"))) == 1
        (shown,) = folder.glob("validations/**/*.html")
        assert "Something must hold of every row" in shown.read_text()
    assert not list((gate.folder / "docs").glob(".new-*"))


def test_an_audit_needs_no_network_and_leaves_no_secret(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reached: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        reached.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    gate.run(rule(FOREIGN), rule(SMALL, severity="warning", id_="small"))
    assert [a for a in reached if isinstance(a, tuple) and a[0] not in ("127.0.0.1", "::1")] == []
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "Calculating Metrics" not in printed.err
    password = psycopg.conninfo.conninfo_to_dict(gate.warehouse.loader_url)["password"]
    pages = [path.read_text() for path in gate.folder.glob("docs/**/*.html")]
    assert not [text for text in pages if f":{password}@" in text]


def test_a_suite_that_is_not_valid_is_refused_before_anything_runs(gate: Gate) -> None:
    with pytest.raises(SuiteError, match="Great Expectations has no"):
        gate.run(rule("expect: expect_rows_to_be_nice"))
    with pytest.raises(SuiteError, match="rules"):
        gate.run()
    with psycopg.connect(gate.warehouse.admin_url) as connection:
        count = connection.execute(
            "select count(*) from ops.check_result where suite = %s", (SUITE,)
        ).fetchone()
    assert count == (0,)
