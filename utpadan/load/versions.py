"""Versions: the admitted rows compared with the current ones, and only what differs written."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg.sql import SQL, Composable, Identifier

from utpadan.load.landing import Landing
from utpadan.load.staging import META, finish_staging


class Refusal(Exception):
    """A reason to refuse a delivery, found on the way."""


def become_staging(landing: Landing) -> None:
    """The first load of a source: the admitted rows are the staging table."""
    landing.run("alter table {admitted} set schema staging")
    landing.run(
        "alter table {moved} rename to {name}",
        moved=Identifier("staging", landing.admitted_name),
        name=Identifier(landing.source.name),
    )
    finish_staging(landing.conn, landing.source)
    landing.rows.new = landing.rows.admitted
    landing.outcome.status = "loaded"


def apply_versions(landing: Landing) -> None:
    """Close and insert what differs from the current versions.

    Raises Refusal when that is more than the contract's share of the current rows.
    """
    if landing.is_difference:
        _find_changes(landing, SQL("left"))
        _add_gone(landing)
    else:
        complete = landing.source.delivery == "complete"
        _find_changes(landing, SQL("full" if complete else "left"))
    rows = landing.rows
    rows.new, rows.changed, rows.closed = landing.counts(
        "select count(*) filter (where old is null), "
        "count(*) filter (where old is not null and _line is not null), "
        "count(*) filter (where _line is null) from {delta}"
    )
    _refuse_too_much_change(landing)
    if rows.new or rows.changed or rows.closed:
        _write(landing)
        landing.outcome.status = "loaded"


def clashes_with_kept(landing: Landing) -> bool:
    """Whether a row of a difference has the key of a row that the delivery still has unchanged."""
    (clashes,) = landing.counts(
        "select count(*) from {admitted} as admitted inner join {staging} as current "
        "on {same_key} and current._known_to is null "
        "where not exists (select from {gone_keys} as gone where {gone_key})",
        same_key=_same_key(landing, "admitted", "current"),
        gone_key=_same_key(landing, "gone", "admitted"),
    )
    return clashes > 0


def _find_changes(landing: Landing, join: Composable) -> None:
    """`delta`: admitted rows that are new or differ, with the place of the row they replace."""
    source = landing.source
    landing.run(
        "create unlogged table {delta} as select {new}, current.old "
        "from {admitted} as admitted {join} join "
        "(select ctid as old, * from {staging} where _known_to is null) as current on {same_key} "
        "where admitted._line is null or current.old is null "
        "or ({mine}) is distinct from ({theirs})",
        new=_of("admitted", (*source.columns, *META)),
        join=join,
        same_key=_same_key(landing, "admitted", "current"),
        mine=_of("admitted", (*source.columns, "_extra")),
        theirs=_of("current", (*source.columns, "_extra")),
    )


def _add_gone(landing: Landing) -> None:
    """Of a difference: the rows whose key did not come again."""
    landing.run(
        "insert into {delta} (old) select current.ctid "
        "from {gone_keys} as gone inner join {staging} as current "
        "on {same_key} and current._known_to is null "
        "where not exists (select from {admitted} as admitted where {came_again})",
        same_key=_same_key(landing, "gone", "current"),
        came_again=_same_key(landing, "admitted", "gone"),
    )


def _same_key(landing: Landing, one: str, other: str) -> Composable:
    """Equality of keys that can be hashed; nulls are equal."""
    parts = []
    for name in landing.source.key:
        form = "{} = {}" if landing.source.columns[name].required else _EQUAL_NULLS
        parts.append(SQL(form).format(Identifier(one, name), Identifier(other, name)))
    return SQL(" and ").join(parts)


_EQUAL_NULLS = "coalesce({}::text, '') = coalesce({}::text, '')"


def _of(alias: str, names: Iterable[str]) -> Composable:
    return SQL(", ").join(Identifier(alias, name) for name in names)


def _refuse_too_much_change(landing: Landing) -> None:
    rows, allowed = landing.rows, landing.source.rows.max_change
    (current,) = landing.counts("select count(*) from {staging} where _known_to is null")
    touched = rows.changed + rows.closed
    if current and touched / current > allowed:
        rows.new = rows.changed = rows.closed = 0
        raise Refusal(
            f"{touched} of {current} current rows would change or close ({touched / current:.1%}), "
            f"more than rows.max_change {allowed:.1%}"
        )


def _write(landing: Landing) -> None:
    landing.run(
        "update {staging} as current set _known_to = {known_at} from {delta} as delta "
        "where current.ctid = delta.old"
    )
    landing.run(
        "insert into {staging} select {new} from {delta} as delta where delta._line is not null",
        new=_of("delta", (*landing.source.columns, *META)),
    )
