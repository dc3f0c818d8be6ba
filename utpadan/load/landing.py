"""Landing: COPY a delivery into a table of text and admit the rows its contract understands.

The landing tables live in schema `landing` for the time of one load. Nothing here touches staging.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import LiteralString

from psycopg import Connection, errors
from psycopg.sql import SQL, Composable, Identifier, Literal

from utpadan.ledger import Counts, Delivery, Outcome
from utpadan.load.admission import Admission
from utpadan.load.discretion import said, shown
from utpadan.load.staging import index_current, staging_table
from utpadan.source import Source, fold
from utpadan.table import NeedsCare, ParseError, Table

SERVER_LIMITS = (errors.ProgramLimitExceeded, errors.StatementTooComplex, errors.TooManyColumns)
"""What the server says of a row, a key or a document that is larger than it can hold."""

COPY_REFUSALS = (
    errors.BadCopyFileFormat,
    errors.CharacterNotInRepertoire,
    errors.UntranslatableCharacter,
    *SERVER_LIMITS,
)
"""What COPY says of ragged rows, stray quotes and broken encodings."""


class Landing:
    """The landing tables of one load: what was sent, and what of it is admitted.

    `sent` has the cells as text; `admitted` has the shape of the staging table. `extra` maps the
    landing columns of headers that no column of the contract reads to those headers, `unknown`
    just those that the contract does not ignore either. Of a difference, `before` is the number of
    rows of the delivery before it, `kept` of those that both have.
    """

    def __init__(
        self, conn: Connection, source: Source, delivery: Delivery, outcome: Outcome
    ) -> None:
        self.conn, self.source, self.delivery, self.outcome = conn, source, delivery, outcome
        self.name = f"{source.name}_{outcome.load_id}"
        self.admitted_name = f"{self.name}_admitted"
        self.sent = Identifier("landing", self.name)
        self.gone = Identifier("landing", f"{self.name}_gone")
        self.before: int | None = None
        self.extra: dict[str, str] = {}
        self.unknown: dict[str, str] = {}
        self.kept = 0
        self.admission = Admission(source, trim=True)

    @property
    def rows(self) -> Counts:
        """The counts of the load."""
        return self.outcome.rows

    @property
    def is_difference(self) -> bool:
        """Whether only the rows were sent that differ from the delivery before."""
        return self.before is not None

    def run(self, statement: LiteralString, **parts: Composable) -> int:
        """Execute a statement written with the names below; returns how many rows it touched."""
        return self.conn.execute(SQL(statement).format(**self.names(), **parts)).rowcount

    def counts(self, query: LiteralString, **parts: Composable) -> tuple[int, ...]:
        """The one row of a query written with the names below."""
        row = self.conn.execute(SQL(query).format(**self.names(), **parts)).fetchone()
        return tuple(row or ())

    def names(self) -> dict[str, Composable]:
        """What `{name}` stands for in the statements of a load."""
        return {
            "sent": self.sent,
            "admitted": Identifier("landing", self.admitted_name),
            "gone": self.gone,
            "gone_keys": Identifier("landing", f"{self.name}_gone_keys"),
            "current": Identifier("landing", f"{self.name}_current"),
            "delta": Identifier("landing", f"{self.name}_delta"),
            "staging": staging_table(self.source),
            "columns": _list(self.source.columns),
            "key": _list(self.source.key),
            "load_id": Literal(self.outcome.load_id),
            "known_at": Literal(self.delivery.fetched_at),
        }

    def copy(self, table: Table) -> None:
        """Land the delivery; a fast reading that COPY refuses is read again with care."""
        try:
            with self.conn.transaction():
                self._copy(table)
        except (NeedsCare, *COPY_REFUSALS) as refusal:
            if table.careful is None:
                raise ParseError(
                    f"{self.source.name}: COPY refused it: {said(refusal)}; "
                    "look at the delivery's columns"
                ) from refusal
            self.copy(table.careful())

    def _copy(self, table: Table) -> None:
        self.rows.landed = self._fill(self.sent, table) + table.kept
        self.kept = table.kept
        self.before = None
        if table.gone:
            self.before = self._fill(self.gone, table.gone) + table.kept
        self.outcome.reading = (
            "difference" if table.gone else "careful" if table.numbered else "fast"
        )
        self.admission = Admission(self.source, trim=table.has_blanks())

    def _fill(self, target: Identifier, table: Table) -> int:
        names = self._columns(table.headers)
        self._create(target, names, table)
        cells = _list((["_line", "_fault"] if table.numbered else []) + names)
        statement = SQL("copy {} ({}) from stdin (format csv, delimiter {}, force_null ({}))")
        with self.conn.cursor() as cursor:
            with cursor.copy(
                statement.format(target, cells, Literal(table.delimiter), cells)
            ) as stream:
                for block in table.blocks:
                    stream.write(block)
            return cursor.rowcount

    @contextmanager
    def within_limits(self) -> Iterator[None]:
        """Raise ParseError for a cell that is larger than the server can work with."""
        try:
            with self.conn.transaction():
                yield
        except SERVER_LIMITS as limit:
            raise ParseError(
                f"{self.source.name}: a cell is too large: {limit.diag.message_primary}; "
                "mend the delivery, or the key of source.yml"
            ) from limit

    def _columns(self, headers: tuple[str, ...]) -> list[str]:
        """The landing column of each header; raises ParseError when a needed column is missing."""
        self.extra, names = {}, []
        for position, header in enumerate(headers, 1):
            name = self.source.headers.get(fold(header))
            if name is None or name in names:
                name = f"extra {position}"
                self.extra[name] = header
            names.append(name)
        needed = {n for n, c in self.source.columns.items() if c.required} | {*self.source.key}
        ignored = {fold(header) for header in self.source.ignored}
        self.unknown = {n: h for n, h in self.extra.items() if fold(h) not in ignored}
        missing = [n for n in self.source.columns if n in needed and n not in names]
        if missing:
            column = self.source.columns[missing[0]]
            looked_for = ", ".join(column.header or (missing[0],))
            raise ParseError(
                f"{self.source.name}: no column for {missing[0]} (looked for: {looked_for}; "
                f"the delivery has: {', '.join(shown(self.source, headers))}); "
                "add its header to source.yml"
            )
        absent = [n for n in self.source.columns if n not in names]
        self.outcome.warnings = [f"the delivery has no column {name}" for name in absent] + [
            f"unknown column {header} is kept in _extra"
            for header in map(repr, shown(self.source, self.unknown.values()))
        ]
        return names

    def _create(self, target: Identifier, names: list[str], table: Table) -> None:
        text_columns = dict.fromkeys([*names, *self.source.columns])
        self.conn.execute(
            SQL(
                "create unlogged table {} (_line bigint generated by default as identity "
                "(start {} cache 1000), _fault text, {})"
            ).format(
                target,
                Literal(table.first_line),
                SQL(", ").join(SQL("{} text").format(Identifier(n)) for n in text_columns),
            )
        )

    def admit(self, *, logged: bool) -> None:
        """Read every row once; the understood ones become `admitted`, the others are counted.

        `logged` makes `admitted` a table that can become the staging table itself.
        """
        self.rows.admitted = self.run(
            "create {logged} table {admitted} as select {values}, {extra} as _extra, "
            "{load_id}::bigint as _load_id, _line, "
            "{known_at}::timestamptz as _known_from, null::timestamptz as _known_to "
            "from {sent} where {accepted}",
            logged=SQL("" if logged else "unlogged"),
            values=self.admission.values(),
            extra=self._as_json(self.unknown),
            accepted=self.admission.accepted(),
        )
        self.rows.admitted += self.kept
        self.rows.rejected = self.rows.landed - self.rows.admitted
        if self.is_difference:
            trimmed = Admission(self.source, trim=True)
            keys = SQL(", ").join(
                SQL("{} as {}").format(trimmed.value(name), Identifier(name))
                for name in self.source.key
            )
            self.run("create unlogged table {gone_keys} as select {keys} from {gone}", keys=keys)

    def _as_json(self, columns: dict[str, str]) -> Composable:
        if not columns:
            return SQL("null::jsonb")
        pairs = [
            SQL("{}, {}").format(Literal(header), Identifier(name))
            for name, header in columns.items()
        ]
        # jsonb_build_object takes at most 100 arguments: build in slices.
        slices = [SQL(", ").join(pairs[i : i + 40]) for i in range(0, len(pairs), 40)]
        return SQL("nullif(jsonb_strip_nulls({}), '{{}}')").format(
            SQL(" || ").join(SQL("jsonb_build_object({})").format(s) for s in slices)
        )

    def resolve_repeats(self) -> None:
        """Make the admitted rows unique in the key.

        Rows that repeat another in every column are dropped and counted. Rows that share a key
        with other values are all rejected, for nobody can know which is right; only in an
        increment, whose records come in order, the last one stands.
        """
        try:
            with self.conn.transaction():
                index_current(self.conn, self.source, self.names()["admitted"])
        except errors.UniqueViolation:
            if self.source.delivery == "increment":
                self._keep_last()
            else:
                self._keep_first_of_equals()
            index_current(self.conn, self.source, self.names()["admitted"])

    def _keep_last(self) -> None:
        self.rows.repeated = self.run(
            "delete from {admitted} where _line in (select _line from (select _line, "
            "row_number() over (partition by {key} order by _line desc) as place "
            "from {admitted}) as ranked where place > 1)"
        )
        self.rows.admitted -= self.rows.repeated

    def _keep_first_of_equals(self) -> None:
        self.rows.repeated = self.run(
            "delete from {admitted} where _line in (select _line from (select _line, "
            "row_number() over (partition by {columns}, _extra order by _line) as place "
            "from {admitted}) as ranked where place > 1)"
        )
        self.run("alter table {sent} add column _conflict bigint")
        conflicts = self.run(
            "update {sent} as sent set _conflict = clash.other from (select _line, case "
            "when _line = min(_line) over same then max(_line) over same "
            "else min(_line) over same end as other, count(*) over same as times "
            "from {admitted} window same as (partition by {key})) as clash "
            "where clash.times > 1 and clash._line = sent._line"
        )
        self.run(
            "update {sent} set _fault = 'key repeats with other values on line ' || _conflict "
            "where _conflict is not null"
        )
        self.run(
            "delete from {admitted} where _line in "
            "(select _line from {sent} where _conflict is not null)"
        )
        self.rows.admitted -= self.rows.repeated + conflicts
        self.rows.rejected += conflicts

    def keep_rejected(self) -> None:
        """Write every row that was not admitted into the ledger, whole, with all its reasons."""
        if self.rows.rejected == 0:
            return
        self.run(
            "insert into ops.rejected_row (load_id, line, reasons, row) "
            "select {load_id}, _line, {reasons}, {cells} from {sent} as sent "
            "where {accepted} is not true",
            reasons=self.admission.reasons(),
            cells=self._sent_cells(),
            accepted=self.admission.accepted(),
        )

    def _sent_cells(self) -> Composable:
        """The row as sent: headers the contract does not know keep their own name."""
        columns = SQL("jsonb_strip_nulls(to_jsonb(sent.*)) - {}::text[]").format(
            Literal(["_line", "_fault", "_conflict", *self.extra])
        )
        return SQL("({}) || coalesce({}, '{{}}')").format(columns, self._as_json(self.extra))

    def drop(self) -> None:
        """Remove the landing tables."""
        self.run("drop table if exists {sent}, {admitted}, {gone}, {gone_keys}, {current}, {delta}")


def _list(names: Iterable[str]) -> Composable:
    return SQL(", ").join(map(Identifier, names))
