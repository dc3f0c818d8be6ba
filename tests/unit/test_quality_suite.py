"""The suites' format: what a suite may say, and how a wrong one is refused, by file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from utpadan.quality import SuiteError, load_suite
from utpadan.quality.expectations import compile_suite
from utpadan.source import CHECKOUT, SOURCES

GOOD = """\
title: Vendors, as delivered
owner: vendor-registry-desk
rules:
  - id: few_are_many
    rule: There are between two and nine vendors, for no more were invited.
    table: vendors
    where: state_code = 'IN-KA'
    severity: warning
    owner: another-desk
    expect: expect_table_row_count_to_be_between
    kwargs: {min_value: 2, max_value: 9}
  - id: names_are_known
    rule: Every alias names a vendor, or what is said of it is lost.
    table: aliases
    severity: error
    unexpected_rows: |
      select alias from aliases where name not in (select name from vendors);
"""

SUITES = sorted((CHECKOUT / "expectations").glob("*/*.yml"))
DOMAINS = sorted({path.parent.parent.name for path in SOURCES.glob("*/*/source.yml")})


def written(folder: Path, text: str, boundary: str = "staging") -> Path:
    path = folder / boundary / "vendors.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_suite_reads_as_it_is_written(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, GOOD))
    few, names = suite.rules
    assert suite.label == "staging/vendors"
    assert suite.owner_of(few) == "another-desk"
    assert suite.owner_of(names) == "vendor-registry-desk"
    assert few.kwargs == {"min_value": 2, "max_value": 9}
    assert few.test == (
        "expect_table_row_count_to_be_between(min_value=2, max_value=9) where state_code = 'IN-KA'"
    )
    assert names.sql.endswith("from vendors)"), "a closing semicolon would end up inside a query"
    assert {"aliases", "vendors"} <= names.words


@pytest.mark.parametrize(
    ("old", "new", "line", "cause"),
    [
        ("owner: vendor-registry-desk\n", "", 1, "owner: Field required"),
        ("severity: error", "severity: fatal", 15, "severity"),
        ("severity: error", "severity: error\n    blocks: true", 16, "blocks: Extra inputs"),
        ("    rule: Every alias names a vendor, or what is said of it is lost.\n", "", 12, "rule"),
        ("Every alias names a vendor, or what is said of it is lost.", "Short.", 13, "20 char"),
        ("id: names_are_known", "id: few_are_many", 12, "another rule has the id 'few_are_many'"),
        ("id: names_are_known", "id: Names", 12, "pattern"),
        ("    unexpected_rows: |", "    where: |", 12, "either `expect` or `unexpected_rows`"),
        ("table: aliases", "table: aliases\n    expect: expect_x", 12, "either `expect`"),
        ("table: aliases", "table: aliases\n    where: a = b", 12, "go with `expect`"),
        ("severity: warning", "severity: warning\n    brake: true", 4, "a brake is an error with"),
        ("severity: warning", "severity: error\n    brake: true", 4, "a brake is an error with"),
        ("from aliases where", "from staging.aliases where", 12, "without `staging.`"),
        ("from aliases where", "from marts_next . aliases where", 12, "without `marts_next.`"),
        ("select alias from", "delete from", 12, "beginning with `select`"),
        ("min_value: 2", "result_format: COMPLETE", 4, "the rule itself states it"),
        ("min_value: 2", "severity: info", 4, "the rule itself states it"),
        (
            "expect_table_row_count_to_be_between",
            "expect_compound_columns_to_be_unique",
            4,
            "having count(*) > 1",
        ),
        ("title: Vendors, as", "title: Vendors\ntitle: as", None, "'title' is written twice"),
        ("table: aliases", "table: aliases\n    table: a", None, "'table' is written twice"),
        ("title:", "name: x\ntitle:", None, "`name` is told by the path"),
        ("rules:", "rules: [", None, "expected"),
    ],
)
def test_a_wrong_suite_is_refused_with_file_line_and_cause(
    tmp_path: Path, old: str, new: str, line: int | None, cause: str
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SuiteError, match=re.escape(cause)) as refused:
        load_suite(path)
    assert str(path) in str(refused.value)
    if line is not None:
        assert f"{path}:{line}: " in str(refused.value)


@pytest.mark.parametrize("text", ["", "rules: []", "- a list", "title: Vendors\nowner: a-desk\n"])
def test_a_suite_without_rules_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SuiteError):
        load_suite(written(tmp_path, text))


def test_a_missing_suite_and_a_strange_boundary_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="No such file"):
        load_suite(tmp_path / "staging" / "nothing.yml")
    with pytest.raises(SuiteError, match="boundary"):
        load_suite(written(tmp_path, GOOD, boundary="landing"))


@pytest.mark.parametrize(
    ("old", "new", "line", "cause"),
    [
        (
            "expect_table_row_count_to_be_between",
            "expect_table_rows_to_be_nice",
            10,
            "has no 'expect_table_rows_to_be_nice'",
        ),
        ("min_value: 2", "minimum: 2", 11, "minimum"),
        ("min_value: 2", "min_value: few", 11, "min_value"),
    ],
)
def test_what_great_expectations_refuses_is_named_by_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, cause: str
) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SuiteError, match=re.escape(cause)) as refused:
        compile_suite(load_suite(path))
    assert f"{path}:{line}: " in str(refused.value)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_suite_of_the_project_compiles(path: Path) -> None:
    suite = load_suite(path)
    assert compile_suite(suite).keys() == {rule.id for rule in suite.rules}


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_suite_of_a_domain_reads_all_of_its_sources_and_no_others(domain: str) -> None:
    domains = {path.parent.name: path.parent.parent.name for path in SOURCES.glob("*/*/source.yml")}
    suite = load_suite(CHECKOUT / "expectations" / "staging" / f"{domain}.yml")
    read = suite.words & domains.keys()
    assert read == {source for source, of in domains.items() if of == domain}
