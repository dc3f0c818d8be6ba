"""Contracts compiled to SQL: personal data is quoted nowhere, and the pass stays flat.

What the SQL means is shown on a real Postgres by tests/integration/test_load_values.py and
test_load_admission.py.
"""

from __future__ import annotations

from typing import Any

from reading import contract

from utpadan.load.admission import SQL_TYPE, Admission
from utpadan.source import load_sources


def admission(trim: bool = True, **columns: dict[str, Any]) -> Admission:
    return Admission(contract({"kind": "csv"}, columns), trim=trim)


def everything(admission: Admission) -> str:
    parts = (admission.values(), admission.accepted(), admission.reasons())
    return "\n".join(part.as_string() for part in parts)


def test_every_type_of_a_contract_has_a_type_of_staging() -> None:
    assert {name: kind.as_string() for name, kind in SQL_TYPE.items()} == {
        "text": "text",
        "integer": "bigint",
        "numeric": "numeric",
        "date": "date",
        "timestamp": "timestamptz",
        "boolean": "boolean",
        "json": "jsonb",
    }


def test_blanks_are_trimmed_only_where_the_delivery_may_have_any() -> None:
    columns: dict[str, Any] = {"figure": {"type": "numeric", "unit": "count"}}
    assert "btrim" in everything(admission(trim=True, **columns))
    assert "btrim" not in everything(admission(trim=False, **columns))


def test_a_column_of_text_without_rules_is_not_looked_at() -> None:
    it = admission(plain={}, private={"personal": True})
    assert it.accepted().as_string() == "(_fault is null)"


def test_a_row_is_judged_without_a_query_inside_so_that_it_is_judged_in_parallel() -> None:
    for source in load_sources().values():
        text = everything(Admission(source, trim=True)).lower()
        assert "(select" not in text, source.name
        assert "lateral" not in text, source.name


def test_no_reason_quotes_a_cell_of_a_source_with_personal_data() -> None:
    """A cell that has slipped into another column may be a name."""
    plain: dict[str, Any] = {"type": "text", "allowed": ["x"]}
    assert "concat('plain: '''" in admission(plain=plain).reasons().as_string()
    reasons = admission(plain=plain, private={**plain, "personal": True}).reasons().as_string()
    assert "'plain: the cell is not allowed'" in reasons
    assert "'private: the cell is not allowed'" in reasons
    assert "concat(" not in reasons
