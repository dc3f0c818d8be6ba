"""Versions: the admitted rows compared with the current ones, and only what differs written."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg.sql import SQL, Composable, Identifier

from utpadan.load.landing import Landing
from utpadan.load.staging import META, finish_staging


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


def find_versions(landing: Landing) -> None:
    """Gather in `delta` what differs from the current versions, and count it."""
    if landing.is_difference:
        _find_changes(landing, SQL("left"), SQL("{current}").format(**landing.names()))
        _add_gone(landing)
    else:
        join = SQL("full" if landing.source.delivery == "complete" else "left")
        _find_changes(landing, join, SQL("({})").format(_all_current(landing)))
    rows = landing.rows
    rows.new, rows.changed, rows.closed = landing.counts(
        "select count(*) filter (where _old is null), "
        "count(*) filter (where _old is not null and _line is not null), "
        "count(*) filter (where _line is null) from {delta}"
    )


def apply_versions(landing: Landing) -> None:
    """Close and insert what was found to differ."""
    rows = landing.rows
    if rows.new or rows.changed or rows.closed:
        _write(landing)
        landing.outcome.status = "loaded"


def gather_current(landing: Landing) -> None:
    """Of a difference: `current`, the versions with a key that came or went, found in one scan."""
    landing.run(
        "create unlogged table {current} as select everything.* from ({all}) as everything "
        "where exists (select from (select {key} from {admitted} "
        "union all select {key} from {gone_keys}) as touched where {same_key})",
        all=_all_current(landing),
        same_key=_same_key(landing, "touched", "everything"),
    )


def clashes_with_kept(landing: Landing) -> bool:
    """Whether a row of a difference has the key of a row that the delivery still has unchanged."""
    (clashes,) = landing.counts(
        "select count(*) from {admitted} as admitted inner join {current} as current "
        "on {same_key} where not exists (select from {gone_keys} as gone where {gone_key})",
        same_key=_same_key(landing, "admitted", "current"),
        gone_key=_same_key(landing, "gone", "admitted"),
    )
    return clashes > 0


def _all_current(landing: Landing) -> Composable:
    return SQL("select ctid as _old, * from {staging} where _known_to is null").format(
        **landing.names()
    )


def _find_changes(landing: Landing, join: Composable, current: Composable) -> None:
    """`delta`: admitted rows that are new or differ, with the place of the row they replace."""
    source = landing.source
    landing.run(
        "create unlogged table {delta} as select {new}, current._old "
        "from {admitted} as admitted {join} join {versions} as current on {same_key} "
        "where admitted._line is null or current._old is null "
        "or ({mine}) is distinct from ({theirs})",
        new=_of("admitted", (*source.columns, *META)),
        join=join,
        versions=current,
        same_key=_same_key(landing, "admitted", "current"),
        mine=_of("admitted", (*source.columns, "_extra")),
        theirs=_of("current", (*source.columns, "_extra")),
    )


def _add_gone(landing: Landing) -> None:
    """Of a difference: the rows whose key did not come again."""
    landing.run(
        "insert into {delta} (_old) select current._old "
        "from {gone_keys} as gone inner join {current} as current on {same_key} "
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


_EQUAL_NULLS = "array[{}] = array[{}]"


def _of(alias: str, names: Iterable[str]) -> Composable:
    return SQL(", ").join(Identifier(alias, name) for name in names)


def _write(landing: Landing) -> None:
    landing.run(
        "update {staging} as current set _known_to = {known_at} from {delta} as delta "
        "where current.ctid = delta._old"
    )
    landing.run(
        "insert into {staging} ({names}) select {names} from {delta} where _line is not null",
        names=SQL(", ").join(map(Identifier, (*landing.source.columns, *META))),
    )
