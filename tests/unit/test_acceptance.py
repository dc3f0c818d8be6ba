"""How far an acceptance goes: exactly what was accepted, nothing beside it and nothing beyond."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from utpadan.ledger import Acceptance

BOUNDS = ("max_bad_share", "rows.min", "rows.max_change")
observed = st.dictionaries(
    st.sampled_from(BOUNDS), st.floats(0, 1) | st.integers(0, 10**9), min_size=1
)
rows = st.lists(
    st.fixed_dictionaries({"mart": st.sampled_from("abc"), "rows_now": st.integers(0, 3)}),
    max_size=4,
)


def accepted(what: Any) -> Acceptance:
    return Acceptance(1, what, "because it is so", "asha")


@given(observed)
def test_what_was_accepted_is_covered(breaches: dict[str, float]) -> None:
    assert accepted(breaches).covers_bounds(breaches)


@given(observed, observed)
def test_a_bound_is_covered_up_to_what_was_observed_and_no_other_bound_is(
    then: dict[str, float], now: dict[str, float]
) -> None:
    beyond = [
        bound
        for bound in now
        if bound not in then
        or (now[bound] < then[bound] if bound == "rows.min" else now[bound] > then[bound])
    ]
    assert accepted(then).covers_bounds(now) == (not beyond)


@given(rows, rows)
def test_offending_rows_are_covered_when_each_is_one_of_those_accepted(
    then: list[dict[str, Any]], now: list[dict[str, Any]]
) -> None:
    left, beyond = list(then), []
    for row in now:
        if row in left:
            left.remove(row)
        else:
            beyond.append(row)
    assert accepted(then).covers_rows(now) == (not beyond)


def test_a_worse_row_of_the_same_mart_is_another_row() -> None:
    some = accepted([{"mart": "fct_two", "rows_now": 7}])
    assert some.covers_rows([{"rows_now": 7, "mart": "fct_two"}])
    assert not some.covers_rows([{"mart": "fct_two", "rows_now": 6}])
