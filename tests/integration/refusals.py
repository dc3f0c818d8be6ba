"""What a constraint of a mart refuses: a change of one good row that it alone stands against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import psycopg
from dbt_rules import Constraint
from psycopg.sql import SQL, Composable, Identifier, Literal

TRIED = 40
"""So many rows are tried for one that no other constraint holds in its place."""

BREAKABLE = {"not_null", "primary_key", "unique", "foreign_key"}
"""Kinds of constraints that it is known how to break."""

STANDING = """
select
    mart.relname,
    case one.contype
        when 'n' then 'not_null' when 'p' then 'primary_key' when 'u' then 'unique'
        when 'f' then 'foreign_key' else one.contype::text
    end,
    columns_of(one.conrelid, one.conkey),
    coalesce(other.relname, ''),
    columns_of(one.confrelid, one.confkey),
    one.conname
from pg_constraint as one
inner join pg_class as mart on one.conrelid = mart.oid
left join pg_class as other on one.confrelid = other.oid
where mart.relnamespace = 'marts_next'::regnamespace
"""

COLUMNS_OF = """
create function pg_temp.columns_of(relation oid, numbers smallint[]) returns text[]
language sql begin atomic
    select coalesce(array_agg(attname::text order by place), '{}')
    from unnest(numbers) with ordinality as part (number, place)
    inner join pg_attribute on attrelid = relation and attnum = number;
end
"""


def standing(conn: psycopg.Connection) -> dict[Constraint, str]:
    """Every constraint of `marts_next` → its name; a primary key is not null by itself."""
    conn.execute(COLUMNS_OF)
    rows = conn.execute(STANDING.replace("columns_of", "pg_temp.columns_of").encode()).fetchall()
    conn.execute("drop function pg_temp.columns_of")
    found = {
        Constraint(mart, kind, tuple(columns), to, tuple(to_columns)): name
        for mart, kind, columns, to, to_columns, name in rows
    }
    keys = {(c.mart, name) for c in found if c.kind == "primary_key" for name in c.columns}
    return {
        c: name
        for c, name in found.items()
        if c.kind != "not_null" or (c.mart, c.columns[0]) not in keys
    }


@dataclass(frozen=True)
class Mart:
    """One table of `marts_next`; whatever is tried on it is rolled back."""

    conn: psycopg.Connection
    name: str

    @property
    def table(self) -> Identifier:
        return Identifier("marts_next", self.name)

    def fault_of(self, constraint: Constraint, name: str) -> str:
        """Empty when it alone refuses some change of one row: without it, the change goes through.

        Else what is wrong with it.
        """
        change = self._change_it_alone_refuses(constraint, name)
        if change is None:
            return "no change of a row is refused by it alone"
        refused = self._refused_by(change)
        expected = name if constraint.kind != "not_null" else _null(constraint.columns[0])
        return "" if refused == expected else f"it is refused by {refused or 'nothing'}"

    def _change_it_alone_refuses(self, constraint: Constraint, name: str) -> Composable | None:
        drop = SQL("alter table {} drop constraint {} cascade").format(self.table, Identifier(name))
        with self.conn.transaction(force_rollback=True):
            self.conn.execute(drop)
            changes = self._changes(constraint)
            return next((change for change in changes if self._refused_by(change) == ""), None)

    def _refused_by(self, change: Composable) -> str:
        """The constraint that refuses a change; empty when it goes through."""
        try:
            with self.conn.transaction(force_rollback=True):
                assert self.conn.execute(change).rowcount == 1
        except psycopg.errors.NotNullViolation as error:
            return _null(error.diag.column_name)
        except psycopg.errors.IntegrityError as error:
            return error.diag.constraint_name or "a constraint without a name"
        return ""

    def _changes(self, constraint: Constraint) -> Iterator[Composable]:
        """Changes of one row each that break the constraint, and perhaps others."""
        assert constraint.kind in BREAKABLE
        columns = SQL(", ").join(map(Identifier, constraint.columns))
        query = SQL("select ctid::text from {} order by ctid limit {}")
        rows = self.conn.execute(query.format(self.table, Literal(TRIED))).fetchall()
        places = [Literal(place) for (place,) in rows]
        if constraint.kind == "not_null":
            for place in places:
                yield self._set(SQL("{} = null").format(columns), place)
        elif constraint.kind == "foreign_key":
            for place in places:
                for name in constraint.columns[::-1]:
                    value = SQL("{} = {}").format(Identifier(name), self._missing(name))
                    yield self._set(value, place)
        else:
            like = SQL("({0}) = (select {0} from {1} where ctid = {2}::tid)")
            for other, place in permutations(places, 2):
                yield self._set(like.format(columns, self.table, other), place)

    def _set(self, values: Composable, place: Composable) -> Composable:
        return SQL("update {} set {} where ctid = {}::tid").format(self.table, values, place)

    def _missing(self, column: str) -> Composable:
        """A value that no row of the real input has."""
        kind = self.conn.execute(
            "select format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = to_regclass(%s) and attname = %s",
            (f"marts_next.{self.name}", column),
        ).fetchone()
        assert kind is not None
        return Literal({"text": "unheard of", "date": "1801-01-01"}.get(kind[0], -1))


def _null(column: str | None) -> str:
    return f"{column} is null"
