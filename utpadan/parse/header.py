"""Where the header of a table is, and which column of the contract each of its cells names.

The header row is the one that carries every column the contract needs: those `required` and those
of the key. Titles may stand above it, and group headings over merged cells may complete it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from utpadan.parse.encode import Record, refusal, storable
from utpadan.source import Source, fold
from utpadan.table import BLANKS, ParseError

SEARCHED = 30
"""The header is looked for in this many rows."""

SEARCHED_TEXT = 4 * 1024 * 1024
"""Rows beyond this many characters are no place for a header either."""

WIDEST = 4096
"""More cells in a row than any table that people read; a database table has 1,600 columns."""

_SPACED = str.maketrans(dict.fromkeys(BLANKS, " ") | {"\u00ad": None, "\u200b": None})


@dataclass(frozen=True)
class Header:
    """`names` without the nameless columns at the end; `width` counts them.

    `first_row` is the number of rows above the data; `rows` are the header's own, folded, by which
    a repetition is known; `needed` are the positions of the cells that no data row leaves empty.
    """

    names: tuple[str, ...]
    width: int
    first_row: int
    rows: tuple[tuple[str, ...], ...]
    needed: frozenset[int]

    @property
    def is_first_row(self) -> bool:
        """Whether the header is the very first row and nothing else."""
        return self.first_row == 1 and len(self.rows) == 1


def tidy(cell: str | None) -> str:
    """A header as people read it: blanks of all kinds folded to one space, trimmed.

    What no database can store, a NUL or a byte that does not decode, is spelled out.
    """
    return storable(" ".join((cell or "").translate(_SPACED).split()))


def opening(name: str, records: Iterator[Record]) -> list[Record]:
    """The first rows of a table, those a header is looked for in.

    Raises ParseError for a row that is wider than tables are.
    """
    rows: list[Record] = []
    text = 0
    for record in islice(records, SEARCHED):
        refuse_wide(name, record.line, len(record.cells))
        rows.append(record)
        text += sum(len(cell) for cell in record.cells if cell)
        if text > SEARCHED_TEXT:
            break
    return rows


def refuse_wide(name: str, line: int, cells: int) -> None:
    """Raise ParseError for a row of more than WIDEST cells."""
    if cells > WIDEST:
        cause = f"a row of {cells:,} cells, more than {WIDEST:,}"
        raise refusal(name, line, cause, "this is no table; look at the file")


def needed_columns(source: Source) -> set[str]:
    """Columns without which a delivery cannot be read."""
    return {n for n, c in source.columns.items() if c.required or n in source.key}


def matched_columns(source: Source, cells: Sequence[str | None]) -> set[str]:
    """The contract's columns that the cells name."""
    names = (fold(tidy(cell)) for cell in cells[:WIDEST])
    return {source.headers[name] for name in names if name in source.headers}


def columns_named(source: Source, rows: Sequence[Record]) -> int:
    """How many of the contract's columns the likeliest header row names."""
    return max((len(matched_columns(source, row.cells)) for row in rows[:SEARCHED]), default=0)


def find_header(source: Source, name: str, rows: Sequence[Record]) -> Header | None:
    """The first header among the first rows of a table, None when there is none.

    Raises ParseError when two of its cells name one column of the contract.
    """
    rows = rows[:SEARCHED]
    needed = needed_columns(source)
    singles = [(i, 1, _names(rows[i].cells)) for i in range(len(rows))]
    pairs = [
        (i, 2, _merged(source, rows[i].cells, rows[i + 1].cells)) for i in range(len(rows) - 1)
    ]
    candidates = [c for c in singles + pairs if needed <= matched_columns(source, c[2])]
    if not candidates:
        return None
    first_end = min(at + height for at, height, _ in candidates)
    at, height, names = max(
        (candidate for candidate in candidates if candidate[0] < first_end),
        key=lambda c: (len(matched_columns(source, c[2])), -c[1], -c[0]),
    )
    _refuse_doubles(source, name, rows[at].line, names)
    return _header(source, rows[at : at + height], at + height, names)


def no_header(source: Source, name: str, rows: Sequence[Record]) -> ParseError:
    """Why there is no header: which columns the likeliest row lacks."""
    rows = rows[:SEARCHED]
    best = max(rows, key=lambda row: len(matched_columns(source, row.cells)), default=None)
    if best is None or not matched_columns(source, best.cells):
        known = ", ".join(repr(_spellings(source, n)[0]) for n in sorted(needed_columns(source)))
        cause = f"no header in the first {SEARCHED} rows: none names {known}"
        line = rows[0].line if rows else None
        return refusal(name, line, cause, "check that this is the right file")
    missing = sorted(needed_columns(source) - matched_columns(source, best.cells))
    spelled = "; ".join(
        f"{column} ({' or '.join(map(repr, _spellings(source, column)))})" for column in missing
    )
    remedy = "add its new name to `header` of the column in source.yml, or fetch the right file"
    return refusal(name, best.line, f"the header lacks the required column {spelled}", remedy)


def folded(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The cells for comparing headers, without the empty ones at the end."""
    return tuple(map(fold, _names(cells)))


def _refuse_doubles(source: Source, name: str, line: int, names: list[str]) -> None:
    seen: dict[str, str] = {}
    for cell in names:
        column = source.headers.get(fold(cell))
        if column is not None and column in seen:
            cause = f"the headers {seen[column]!r} and {cell!r} both fill the column {column}"
            raise refusal(name, line, cause, "keep one of them in the file or in source.yml")
        if column is not None:
            seen[column] = cell


def _spellings(source: Source, column: str) -> tuple[str, ...]:
    return source.columns[column].header or (column,)


def _header(source: Source, rows: Sequence[Record], first_row: int, names: list[str]) -> Header:
    columns = [source.headers.get(fold(name)) for name in names]
    needed = needed_columns(source)
    return Header(
        names=_unique(names),
        width=max(len(row.cells) for row in rows),
        first_row=first_row,
        rows=tuple(folded(row.cells) for row in rows),
        needed=frozenset(i for i, column in enumerate(columns) if column in needed),
    )


def _names(cells: Sequence[str | None]) -> list[str]:
    names = [tidy(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _merged(source: Source, top: Sequence[str | None], bottom: Sequence[str | None]) -> list[str]:
    """One name a column from two rows, the upper one spread over the blanks to its right."""
    names: list[str] = []
    group = ""
    for i in range(max(len(top), len(bottom))):
        upper = tidy(top[i]) if i < len(top) else ""
        lower = tidy(bottom[i]) if i < len(bottom) else ""
        group = upper or group
        names.append(_best_name(source, upper, lower, group if lower else ""))
    return _names(names)


def _best_name(source: Source, upper: str, lower: str, group: str) -> str:
    joined = f"{group} {lower}".strip() if group != lower else lower
    known = (name for name in (joined, lower, upper) if fold(name) in source.headers)
    return next(known, joined or upper)


def _unique(names: list[str]) -> tuple[str, ...]:
    """Nameless columns get their place for a name; an unknown name that repeats gets a number."""
    result: list[str] = []
    times: dict[str, int] = {}
    taken = {fold(name) for name in names}
    for place, name in enumerate(names, start=1):
        name = name or f"column {place}"
        count = times[fold(name)] = times.get(fold(name), 0) + 1
        unique = name
        while count > 1 and fold(unique) in taken:
            unique, count = f"{name} ({count})", count + 1
        taken.add(fold(unique))
        result.append(unique)
    return tuple(result)
