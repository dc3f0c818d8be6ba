"""32 dashboards read a real release, in every way there is, during 20 publishes and 20 undos."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from benchmarks.dashboards import statements
from benchmarks.readers import Fire, fire, record_audited_build
from utpadan import publish
from utpadan.local import psql_program
from utpadan.settings import Settings


@pytest.fixture(scope="module")
def twice(released: Settings, shared_warehouse: Settings) -> Iterator[Settings]:
    """The real marts as a release, and once more as a build that may be published."""
    settings = shared_warehouse
    with psycopg.connect(settings.builder_url, autocommit=True) as builder:
        copy_marts(released, settings)
        builder.execute("alter schema marts rename to marts_next")
        record_audited_build(builder)
        builder.execute("create schema marts")
        publish.publish(settings.builder_url)
        builder.execute("alter schema marts rename to marts_aside")
        copy_marts(released, settings)
        builder.execute("alter schema marts rename to marts_next")
        builder.execute("alter schema marts_aside rename to marts")
        record_audited_build(builder)
    yield settings


def copy_marts(of: Settings, into: Settings) -> None:
    """The marts of one warehouse take the place of those, empty ones, of another."""
    with psycopg.connect(into.builder_url, autocommit=True) as builder:
        builder.execute("drop schema if exists marts")
    psql = psql_program()
    dumped = subprocess.run(
        [str(psql.with_name("pg_dump")), "--schema", "marts", of.admin_url],
        capture_output=True,
        check=True,
    )
    command = [str(psql), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", into.builder_url]
    subprocess.run(command, input=dumped.stdout, stdout=subprocess.DEVNULL, check=True)


@pytest.fixture(scope="module")
def fired(twice: Settings) -> Fire:
    return fire(twice, readers=32, publishes=20, quiet=2, think=0.3)


def test_no_reader_is_refused(fired: Fire) -> None:
    assert fired.quiet.errors == fired.under_fire.errors == []
    assert len(fired.switches) == 40
    assert len(fired.under_fire.seconds) > 32 * 5


def test_no_statement_mixes_two_releases(fired: Fire) -> None:
    assert fired.quiet.mixed == fired.under_fire.mixed == []
    assert set(fired.under_fire.rows) == set(statements())
    differing = {name: rows for name, rows in fired.under_fire.rows.items() if len(rows) > 1}
    assert differing == {}, "both releases have the same rows"


def test_no_reader_waits_for_a_publish_longer_than_a_second(fired: Fire) -> None:
    assert fired.longest_wait < 1
