"""Each kind of data test stops what it is for, and nothing else; and with it the release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from publishing import as_read, release
from small_dbt import add_checked, by_name, small_project

from utpadan import publish
from utpadan.publish import PublishError
from utpadan.settings import Settings
from utpadan.transform import BuildFailed, build


def spans(*ranges: tuple[str, str | None, str | None]) -> str:
    """Rows of a key and a half-open range; None is open."""

    def day(value: str | None) -> str:
        return f"cast('{value}' as date)" if value else "cast(null as date)"

    return " union all ".join(
        f"select '{key}' as key, {day(start)} as valid_from, {day(end)} as valid_to"
        for key, start, end in ranges
    )


NO_OVERLAP = {"no_overlap": {"key": ["key"], "valid_from": "valid_from", "valid_to": "valid_to"}}
SUMS = {"total": "total", "parts": ["a", "b"], "tolerance": 1}
BY_YEAR = {
    "group_by": ["year"],
    "total": "sum(case when part = 'all' then value end)",
    "parts": ["sum(case when part <> 'all' then value end)"],
}

WITHIN = "ref('int_bounds_are_within_the_range')"
NO_ROW = "ref('int_no_row')"

PASSING: dict[str, tuple[str, dict[str, Any]]] = {
    "grain_holds_where_one_part_differs": (
        "select 1 as a, 'x' as b union all select 1, null union all select 2, null",
        {"grain": {"columns": ["a", "b"]}},
    ),
    "ranges_that_touch_do_not_overlap": (
        spans(
            ("up", None, "2024-04-01"),
            ("up", "2024-04-01", "2025-01-01"),
            ("up", "2025-01-01", None),
            ("tn", "2024-01-01", "2025-06-01"),
        ),
        NO_OVERLAP,
    ),
    "parts_sum_within_the_tolerance": (
        "select 100 as total, 60 as a, 39 as b union all select 100, 60, null",
        {"sums_to": SUMS},
    ),
    "rows_of_a_group_sum_to_its_total": (
        "select 2024 as year, 'all' as part, 9 as value union all select 2024, 'dpsu', 5 "
        "union all select 2024, 'private', 4 union all select 2025, 'all', 7",
        {"sums_to": BY_YEAR},
    ),
    "bounds_are_within_the_range": (
        "select 0 as share union all select 100 union all select null",
        {"accepted_range": {"column_name": "share", "min_value": 0, "max_value": 100}},
    ),
    "a_decision_meets_what_it_decides": (
        "select 100 as share union all select null",
        {"still_applies": {"column_name": "share", "to": WITHIN, "field": "share"}},
    ),
    "a_decision_waits_while_there_is_nothing_to_decide": (
        "select 7 as share",
        {"still_applies": {"column_name": "share", "to": NO_ROW, "field": "share"}},
    ),
    "there_is_a_value_once": (
        "select 1 as a union all select 2",
        {"unique": {"column_name": "a"}},
    ),
    "no_row": ("select 1 as share where false", {"grain": {"columns": ["share"]}}),
}
FAILING: dict[str, tuple[str, dict[str, Any]]] = {
    "grain_is_broken_by_equal_nulls": (
        "select 1 as a, cast(null as text) as b union all select 1, null",
        {"grain": {"columns": ["a", "b"]}},
    ),
    "a_shared_day_overlaps": (
        spans(("up", "2024-01-01", "2024-04-02"), ("up", "2024-04-01", None)),
        NO_OVERLAP,
    ),
    "an_open_range_overlaps_what_follows": (
        spans(("up", "2024-01-01", None), ("up", "2024-04-01", "2024-05-01")),
        NO_OVERLAP,
    ),
    "two_ranges_without_a_start_overlap": (
        spans(("up", None, "2024-01-01"), ("up", None, "2023-01-01")),
        NO_OVERLAP,
    ),
    "an_empty_range_is_no_range": (
        spans(("up", "2024-04-01", "2024-04-01"), ("up", "2024-04-01", None)),
        NO_OVERLAP,
    ),
    "parts_miss_the_total_by_more_than_the_tolerance": (
        "select 100 as total, 60 as a, 38 as b",
        {"sums_to": SUMS},
    ),
    "rows_of_a_group_miss_its_total": (
        "select 2024 as year, 'all' as part, 9 as value union all select 2024, 'dpsu', 5",
        {"sums_to": BY_YEAR},
    ),
    "a_value_above_the_range": (
        "select 101 as share",
        {"accepted_range": {"column_name": "share", "min_value": 0, "max_value": 100}},
    ),
    "a_decision_meets_nothing": (
        "select 7 as share",
        {"still_applies": {"column_name": "share", "to": WITHIN, "field": "share"}},
    ),
    "there_is_no_value": (
        "select cast(null as text) as a union all select 'x'",
        {"not_null": {"column_name": "a"}},
    ),
    "there_is_a_value_twice": (
        "select 1 as a union all select 1",
        {"unique": {"column_name": "a"}},
    ),
    "a_value_is_not_accepted": (
        "select 'x' as a union all select 'y'",
        {"accepted_values": {"column_name": "a", "values": ["x"]}},
    ),
    "a_value_leads_nowhere": (
        "select 7 as share",
        {"relationships": {"column_name": "share", "to": WITHIN, "field": "share"}},
    ),
    "a_value_below_the_range": (
        "select -1 as share",
        {"accepted_range": {"column_name": "share", "min_value": 0}},
    ),
}


SINGULAR = "a_query_finds_a_row"


def test_each_kind_of_data_test_stops_what_it_is_for_and_nothing_else(
    warehouse: Settings, tmp_path: Path
) -> None:
    release(warehouse, 1)
    project = small_project(tmp_path / "project")
    for name, (rows, test) in {**PASSING, **FAILING}.items():
        add_checked(project, name, rows, test)
    (project / f"tests/{SINGULAR}.sql").write_text(f"select * from {{{{ {WITHIN} }}}}")
    with pytest.raises(BuildFailed) as failure:
        build(warehouse, {}, project=project)
    tests = {n: node for n, node in by_name(failure.value.nodes).items() if node.kind == "test"}
    assert {n for n, node in tests.items() if node.status == "fail"} == {SINGULAR, *FAILING}
    assert {name for name, node in tests.items() if node.status == "pass"} == set(PASSING)
    assert failure.value.exit_code == 1
    assert "a=1, b=None, rows_sharing_it=2" in str(failure.value)
    with pytest.raises(PublishError, match="there is no whole marts_next"):
        publish.publish(warehouse.builder_url)
    assert as_read(warehouse.bi_url) == 1
