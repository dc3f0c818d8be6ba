"""What a file has that the one before had not, so that unchanged rows are not sent again.

Two plain CSV files of one source, as the fast reading takes them, are walked side by side. Lines
that stand at the same place in both cost next to nothing; of the others, those that turn up in both
cancel out, wherever they stand. What is left are the rows that came and the rows that went.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import compress, zip_longest
from operator import ne
from pathlib import Path

from utpadan.parse.csv import read_csv
from utpadan.source import Source
from utpadan.table import NeedsCare, Table

MOST_LINES = 200_000
"""Lines without a counterpart that are kept in memory; with more, the whole file is as quick."""

MOST_BYTES = 64 * 1024 * 1024
"""What those lines may hold in all."""


def difference(source: Source, name: str, path: Path, before: Path) -> Table | None:
    """The rows of `path` that `before`, once read fast, has not; `gone` are those only it has.

    None when the files are not plain CSV of one shape, or differ too much.
    """
    now, then = read_csv(source, name, path), read_csv(source, name, before, is_known=True)
    if now.numbered or then.numbered or _shape(now) != _shape(then):
        return None
    walk = _Walk(now.first_line)
    try:
        for new, old in _side_by_side(now, then):
            walk.step(new, old)
    except (NeedsCare, _TooDifferent):
        return None
    return dataclasses.replace(
        _records(walk.added, now),
        gone=_records(walk.gone, then),
        kept=walk.new_lines - len(walk.added),
        careful=lambda: read_csv(source, name, path),
    )


class _TooDifferent(Exception):
    """More lines without a counterpart than are worth keeping, or one that stands twice."""


class _Walk:
    """The lines so far that only one of the files has, each with its line number."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.new_lines = self.old_lines = self.kept_bytes = 0
        self.added: dict[bytes, int] = {}
        self.gone: dict[bytes, int] = {}

    def step(self, new: Sequence[bytes], old: Sequence[bytes]) -> None:
        """Take the next lines of both; while both files last, as many of each."""
        both = min(len(new), len(old))
        unlike = compress(range(both), map(ne, new, old))
        for place in (*unlike, *range(both, max(len(new), len(old)))):
            if place < len(new):
                self._meet(new[place], self.new_lines + place, self.gone, self.added)
            if place < len(old):
                self._meet(old[place], self.old_lines + place, self.added, self.gone)
        self.new_lines += len(new)
        self.old_lines += len(old)
        if len(self.added) + len(self.gone) > MOST_LINES or self.kept_bytes > MOST_BYTES:
            raise _TooDifferent

    def _meet(
        self, line: bytes, place: int, theirs: dict[bytes, int], ours: dict[bytes, int]
    ) -> None:
        if theirs.pop(line, None) is not None:
            self.kept_bytes -= len(line)
        elif line in ours:
            raise _TooDifferent
        else:
            ours[line] = self.first_line + place
            self.kept_bytes += len(line)


def _shape(table: Table) -> tuple[object, ...]:
    return table.headers, table.delimiter, table.first_line


def _side_by_side(now: Table, then: Table) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The lines of both, as many of each at a time; once one has ended, what the other has left."""
    new: list[bytes] = []
    old: list[bytes] = []
    for more_new, more_old in zip_longest(_lines(now), _lines(then)):
        new += more_new or []
        old += more_old or []
        both = min(len(new), len(old))
        yield new[:both], old[:both]
        del new[:both], old[:both]
        if (more_new is None and not new) or (more_old is None and not old):
            yield new, old
            new, old = [], []
    yield new, old


def _lines(table: Table) -> Iterator[list[bytes]]:
    """The records, block by block; in a plain file each is one line."""
    for block in table.blocks:
        lines = block.split(b"\n")
        yield lines if lines[-1] else lines[:-1]


def _records(lines: dict[bytes, int], table: Table) -> Table:
    mark = table.delimiter.encode()
    records = (b"%d%b%b%b\n" % (number, mark, mark, line) for line, number in lines.items())
    return dataclasses.replace(table, blocks=records, numbered=True)
