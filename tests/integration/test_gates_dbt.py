"""Every data test and every constraint of the dbt project stops what breaks it, and alone does so.

What is broken is what was really built. A data test's own query, as dbt ran it, must find the
spoiled row, and those of no other test may; a constraint must refuse a change that goes through
once it is gone. That dbt, then, fails the build and nothing is released is shown at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from dbt_rules import Constraint, DataTest, constraints, data_tests, read_manifest, spoil
from gate_rules import counted
from psycopg.sql import SQL, Identifier
from refusals import Mart, standing
from test_transform_generic_tests import FAILING

from utpadan.settings import Settings

pytestmark = pytest.mark.timeout(600)  # the first test may have to build everything

WRITTEN = """
select schemaname || '.' || relname, n_tup_ins + n_tup_upd + n_tup_del
from pg_stat_xact_user_tables
"""


@pytest.fixture(scope="module")
def tests(everything_built: Settings) -> list[DataTest]:
    return data_tests(read_manifest(everything_built.home / "dbt/target"))


@pytest.fixture(scope="module")
def stated(everything_built: Settings) -> list[Constraint]:
    return constraints(read_manifest(everything_built.home / "dbt/target"))


@pytest.fixture(scope="module")
def built(own_copy: Settings) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_copy.admin_url, autocommit=True) as conn:
        yield conn


def finds_rows(conn: psycopg.Connection, test: DataTest) -> bool:
    query = f"select exists (select from ({test.query}) as failing)"
    return conn.execute(query.encode()).fetchone() == (True,)


def make_tables(conn: psycopg.Connection, tests: list[DataTest]) -> None:
    """Views that a test is about become tables of their rows, which can be spoiled."""
    views = conn.execute("select viewname from pg_views where schemaname = 'prep'").fetchall()
    for (view,) in views:
        if f"prep.{view}" in {test.on for test in tests}:
            name, built = Identifier("prep", view), Identifier(f"{view}_as_built")
            conn.execute(SQL("alter view {} rename to {}").format(name, built))
            copy = SQL("create table {} as table prep.{}")
            conn.execute(copy.format(name, built))


def failing(conn: psycopg.Connection, spoiled: DataTest, tests: list[DataTest]) -> set[str]:
    """The tests that fail when this one is broken, of those that read what was touched."""
    with conn.transaction(force_rollback=True):
        before = set(conn.execute(WRITTEN).fetchall())
        conn.execute(spoil(spoiled, tests).encode())
        touched = {name for name, _ in set(conn.execute(WRITTEN).fetchall()) - before}
        assert touched, spoiled.name
        return {test.name for test in tests if test.reads & touched and finds_rows(conn, test)}


def test_each_data_test_alone_finds_what_breaks_it(
    built: psycopg.Connection, tests: list[DataTest]
) -> None:
    with built.transaction(force_rollback=True):
        make_tables(built, tests)
        assert [test.name for test in tests if finds_rows(built, test)] == []
        found = {test.name: failing(built, test, tests) for test in tests}
    assert {name: got for name, got in found.items() if got != {name}} == {}


def test_every_data_test_blocks_the_build(tests: list[DataTest]) -> None:
    """None is disabled, only warns, or looks away from some rows."""
    assert [test.name for test in tests if not test.blocks] == []


def test_every_constraint_that_is_stated_stands_in_the_database_and_no_other(
    built: psycopg.Connection, stated: list[Constraint]
) -> None:
    assert sorted(map(str, standing(built))) == sorted(map(str, stated))


def test_each_constraint_alone_refuses_what_breaks_it(
    built: psycopg.Connection, stated: list[Constraint]
) -> None:
    names = standing(built)
    wrong = {}
    for name in sorted({constraint.mart for constraint in stated}):
        with built.transaction(force_rollback=True):
            mart = Mart(built, name)
            for constraint in (one for one in stated if one.mart == name):
                wrong[str(constraint)] = mart.fault_of(constraint, names[constraint])
    assert {constraint: why for constraint, why in wrong.items() if why} == {}


def test_a_constraint_that_says_what_another_says_is_noticed(built: psycopg.Connection) -> None:
    """`dim_state` has the key state_code: what is unique in it is so with its name, too."""
    with built.transaction(force_rollback=True):
        built.execute("alter table marts_next.dim_state add constraint said unique (state_code)")
        said = Constraint("dim_state", "unique", ("state_code",))
        assert Mart(built, "dim_state").fault_of(said, "said") == (
            "no change of a row is refused by it alone"
        )


def test_every_kind_of_data_test_has_been_seen_to_stop_a_build(tests: list[DataTest]) -> None:
    shown = {kind for _, test in FAILING.values() for kind in test}
    assert {test.kind for test in tests} <= {*shown, "singular"}


def test_it_is_known_of_every_rule_of_every_gate_how_it_is_broken(
    everything_built: Settings,
) -> None:
    gates = counted(read_manifest(everything_built.home / "dbt/target"))
    print(*gates, sep="\n")
    assert [str(gate) for gate in gates if gate.unbroken or not gate.rules] == []
