"""Admission: a contract compiled to SQL.

Pure: a `Source` goes in, SQL comes out; nothing here talks to a database. The landing table holds
one text column per column of the contract, an empty cell is null. `value()` reads a cell as the
column's type, `accepted()` says whether a row is understood, `reasons()` says why it is not.
Reading is optimistic: a plain cell is cast at once, only what is not plain goes through the
readers of `sql/040_readers.sql`. The expressions stay flat, so that Postgres reads in parallel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan.source import SCALE, Column, Source, scale_of
from utpadan.table import BLANKS

SQL_TYPE = {
    "text": SQL("text"),
    "integer": SQL("bigint"),
    "numeric": SQL("numeric"),
    "date": SQL("date"),
    "timestamp": SQL("timestamptz"),
    "boolean": SQL("boolean"),
    "json": SQL("jsonb"),
}

_ISO_TIME = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    "([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$"
)

_NOT_READ = {
    "integer": "is not a whole number",
    "numeric": "is not a number",
    "date": "is not a date",
    "timestamp": "is not a time",
    "boolean": "is not true or false",
    "json": "is not JSON",
}


@dataclass(frozen=True)
class Admission:
    """The SQL of one contract. `trim` takes blanks off the cells' ends, where there may be any."""

    source: Source
    trim: bool

    def values(self) -> Composable:
        """Every column of the contract, typed, for rows that are accepted."""
        return SQL(", ").join(
            SQL("{} as {}").format(self.value(name, accepted=True), Identifier(name))
            for name in self.source.columns
        )

    def accepted(self) -> Composable:
        """True for a row that breaks no rule."""
        tests = [test for name in self.source.columns for test in self._demands(name)]
        return SQL("({})").format(SQL(" and ").join([SQL("_fault is null"), *tests]))

    def reasons(self) -> Composable:
        """The text[] of all reasons why a row is refused; empty just when it is accepted.

        A fault of the row's structure stands alone: its cells may not be those of their headers.
        """
        found = [pair for name in self.source.columns for pair in self._faults(name)]
        cases = [SQL("case when {} then {} end").format(test, why) for test, why in found]
        return SQL(
            "case when _fault is null then array_remove(array[{}]::text[], null) "
            "else array[_fault] end"
        ).format(SQL(", ").join(cases))

    def cell(self, name: str) -> Composable:
        """The cell's text, blanks trimmed, known spellings mended; null when empty."""
        text: Composable = Identifier(name)
        if self.trim:
            text = SQL("nullif(btrim({}, {}), '')").format(text, Literal(BLANKS))
        lookup = self.source.columns[name].lookup
        if not lookup:
            return text
        cases = [
            SQL("when {} then {}").format(Literal(k), Literal(v or None)) for k, v in lookup.items()
        ]
        return SQL("case {0} {1} else {0} end").format(text, SQL(" ").join(cases))

    def value(self, name: str, *, accepted: bool = False) -> Composable:
        """The cell as the column's type; null when it is empty or not understood.

        Of an accepted row, what Postgres reads is known to be plain: that test is left out.
        """
        column = self.source.columns[name]
        cell = self.cell(name)
        if column.type == "text":
            return cell
        return _READERS[column.type](cell, column, accepted)

    def _demands(self, name: str) -> Iterator[Composable]:
        """What must be true of the column; each reader runs once."""
        column, cell, value = self.source.columns[name], self.cell(name), self.value(name)
        if column.required:
            yield SQL("{} is not null").format(cell)
        bounds = [
            SQL("{} {} {}").format(value, operator, _limit(column, bound))
            for operator, bound in ((SQL(">="), column.min), (SQL("<="), column.max))
            if bound is not None
        ]
        if bounds:
            yield SQL("({} is null or ({}))").format(cell, SQL(" and ").join(bounds))
        elif column.type != "text":
            yield SQL("({} is null or {} is not null)").format(cell, value)
        if column.allowed is not None:
            test = SQL("{0} is null or {0} = any({1})").format(cell, Literal(list(column.allowed)))
            yield SQL("({})").format(test)
        if column.matches is not None:
            yield SQL("({0} is null or {0} ~ {1})").format(cell, Literal(column.matches))

    def _faults(self, name: str) -> Iterator[tuple[Composable, Composable]]:
        """Every rule as (SQL test, true when broken; SQL text of the reason)."""
        column, cell, value = self.source.columns[name], self.cell(name), self.value(name)
        if column.required:
            yield SQL("{} is null").format(cell), Literal(f"{name}: required, but empty")
        if column.type != "text":
            test = SQL("{} is not null and {} is null").format(cell, value)
            yield test, self._about(name, _NOT_READ[column.type])
        if column.allowed is not None:
            test = SQL("{} <> all({})").format(cell, Literal(list(column.allowed)))
            yield test, self._about(name, "is not allowed")
        if column.matches is not None:
            test = SQL("{} !~ {}").format(cell, Literal(column.matches))
            yield test, self._about(name, f"does not match {column.matches}")
        for operator, side, bound in (
            (SQL("<"), "below", column.min),
            (SQL(">"), "above", column.max),
        ):
            if bound is not None:
                test = SQL("{} {} {}").format(value, operator, _limit(column, bound))
                yield test, self._about(name, f"is {side} {bound}", value)

    def _about(self, name: str, words: str, value: Composable | None = None) -> Composable:
        """A reason that quotes the cell, or states its value.

        Of a source with personal data it quotes none: cells that have slipped hold each other's.
        """
        if self.source.has_personal:
            return Literal(f"{name}: the cell {words}")
        start, shown, end = (f"{name}: '", self.cell(name), f"' {words}")
        if value is not None:
            start, shown, end = (f"{name}: ", value, f" {words}")
        return SQL("concat({}, {}, {})").format(Literal(start), shown, Literal(end))


def _limit(column: Column, bound: Decimal | str) -> Composable:
    return SQL("{}::{}").format(Literal(str(bound)), SQL_TYPE[column.type])


_PLAIN = SQL("{0} !~ '[^0-9.eE+-]'")
"""A number without what only Postgres takes for one: NaN, Infinity, 0x1F, 1_000."""


def _integer(cell: Composable, _: Column, accepted: bool) -> Composable:
    plain = SQL("true") if accepted else _PLAIN.format(cell)
    return SQL(
        "case when {1} and pg_input_is_valid({0}, 'bigint') "
        "then ({0})::bigint else ops.read_integer({0}) end"
    ).format(cell, plain)


def _numeric(cell: Composable, column: Column, accepted: bool) -> Composable:
    stored = Decimal(scale_of(column.unit))
    plain = Decimal(SCALE[column.stated_unit]) / stored if column.stated_unit else Decimal(1)
    times = SQL(" * {}").format(Literal(plain)) if plain != 1 else SQL("")
    fits = SQL(" and length({}) < 1000").format(cell) if plain != 1 else SQL("")
    digits = SQL("true") if accepted else SQL("{} !~ '[^0-9.+-]'").format(cell)
    return SQL(
        "case when {5} and pg_input_is_valid({0}, 'numeric'){4} "
        "then ({0})::numeric{1} else ops.read_number({0}, {2}, {3}) end"
    ).format(cell, times, Literal(plain), Literal(stored), fits, digits)


def _date(cell: Composable, column: Column, accepted: bool) -> Composable:
    """ISO 8601 to the letter: Postgres also takes 2025--1-05 and 17-8-5n-26 for dates."""
    if accepted and not column.formats:
        return SQL("({})::date").format(cell)
    return SQL(
        "case when {0} like '____-__-__' and pg_input_is_valid({0}, 'date') "
        "and ({0})::date::text = {0} then ({0})::date else {1} end"
    ).format(cell, _other_date(cell, column))


def _other_date(cell: Composable, column: Column) -> Composable:
    if not column.formats:
        return SQL("null::date")
    return SQL("ops.read_date({}, {})").format(cell, Literal(list(column.formats)))


def _timestamp(cell: Composable, column: Column, accepted: bool) -> Composable:
    """ISO 8601; the zone is an offset, for Postgres takes the name IST for Israel's time."""
    if accepted and not column.formats:
        return SQL("({})::timestamptz").format(cell)
    return SQL(
        "case when {0} ~ {2} and pg_input_is_valid({0}, 'timestamptz') then ({0})::timestamptz "
        "else {1}::timestamptz end"
    ).format(cell, _other_date(cell, column), Literal(_ISO_TIME))


def _boolean(cell: Composable, _: Column, __: bool) -> Composable:
    return SQL(
        "case when lower({0}) in ('true', 'yes', 'y', 't', '1') then true "
        "when lower({0}) in ('false', 'no', 'n', 'f', '0') then false end"
    ).format(cell)


def _json(cell: Composable, _: Column, __: bool) -> Composable:
    return SQL("case when pg_input_is_valid({0}, 'jsonb') then ({0})::jsonb end").format(cell)


_READERS = {
    "integer": _integer,
    "numeric": _numeric,
    "date": _date,
    "timestamp": _timestamp,
    "boolean": _boolean,
    "json": _json,
}
