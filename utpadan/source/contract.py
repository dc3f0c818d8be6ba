"""The contract itself: one source, whole."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from utpadan.source.column import Column, Rows, fold, scale_of
from utpadan.source.shapes import Fetch, Format, Licence, Part, Publisher, SameAsFetch

NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
"""Names of sources and columns: plain SQL identifiers, short enough for derived names."""

_TAKEN = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})
"""Columns that every table of Postgres has by itself."""

_LIBRARY = Path(__file__).parents[1]
_OWN_IMPORT = re.compile(r"^(?:from|import) utpadan\.(\w+)", re.MULTILINE)
_READING = frozenset({"parse", "source", "table"})

Row = Mapping[str, str | None]
"""One parsed row: header (or JSON path) as sent → text as sent; a missing or empty cell is None."""


class Source(Part):
    """One source: the whole of its contract, and where it lives.

    `ignored` are headers left out on purpose, each with the reason; any other header that no
    column reads is kept in `_extra` and warned about. `restricted` says why its rows are only for
    members of the role utpadan_restricted.
    """

    name: str
    domain: str
    folder: Path
    title: str
    description: str = Field(min_length=30)
    publisher: Publisher
    licence: Licence
    owner: str
    fetch: Fetch
    format: Format
    delivery: Literal["complete", "increment"]
    grain: str = Field(min_length=10)
    key: tuple[str, ...] = Field(min_length=1)
    rows: Rows
    freshness_days: int = Field(gt=0)
    max_bad_share: float = Field(ge=0, lt=1)
    columns: Mapping[str, Column]
    ignored: Mapping[str, str] = {}
    is_sample: bool = False
    restricted: str | None = Field(default=None, min_length=20)

    @model_validator(mode="after")
    def _names_are_known(self) -> Source:
        for column in self.columns:
            if not NAME.fullmatch(column):
                raise ValueError(f"column name {column!r} is not lower_snake_case")
            if column in _TAKEN:
                raise ValueError(f"column name {column!r} cannot be used: Postgres takes it")
        for part in self.key:
            if part not in self.columns:
                raise ValueError(f"key names {part!r}, which is no column")
        headers = [fold(h) for name, c in self.columns.items() for h in (c.header or (name,))]
        doubles = {h for h in headers if headers.count(h) > 1}
        if doubles:
            raise ValueError(f"two columns read the header {min(doubles)!r}")
        return self

    @property
    def is_carried(self) -> bool:
        """Whether the source fetches nothing itself: it is in the delivery of another one."""
        return isinstance(self.fetch, SameAsFetch)

    @property
    def delivery_source(self) -> str:
        """The source whose delivery is read: itself, or the one named by `same_as`."""
        return self.fetch.source if isinstance(self.fetch, SameAsFetch) else self.name

    @property
    def has_personal(self) -> bool:
        """Whether a delivery holds personal data: no message may then quote it."""
        return any(column.personal for column in self.columns.values())

    @cached_property
    def headers(self) -> dict[str, str]:
        """Every header the file may have, folded → the column it fills."""
        return {fold(h): name for name, c in self.columns.items() for h in (c.header or (name,))}

    @property
    def parser(self) -> Path | None:
        """`parse.py` of the source's folder, when the contract alone is not enough."""
        path = self.folder / "parse.py"
        return path if path.exists() else None

    @cached_property
    def contract_sha256(self) -> str:
        """Identity of all that decides how bytes become rows, and for whom; prose does not."""
        decisive = {"format", "delivery", "key", "columns", "ignored"}
        parts = self.model_dump(mode="json", include=decisive)
        parts["ignored"] = sorted(parts["ignored"])
        for column in parts["columns"].values():
            del column["description"]
            column["unit"] = scale_of(column["unit"])
        text = json.dumps(parts, sort_keys=True) + ("restricted" if self.restricted else "")
        text += "".join(path.read_text(encoding="utf-8") for path in self._code())
        return hashlib.sha256(text.encode()).hexdigest()

    def _code(self) -> list[Path]:
        """`parse.py` and the packages of rules it imports; reading itself is every source's."""
        if self.parser is None:
            return []
        named = _OWN_IMPORT.findall(self.parser.read_text(encoding="utf-8"))
        packages = [_LIBRARY / name for name in sorted(set(named) - _READING)]
        return [self.parser, *(file for folder in packages for file in sorted(folder.glob("*.py")))]

    def custom_parse(self) -> Callable[[bytes], Iterator[tuple[int, Row]]]:
        """The `parse` function of `parse.py`: the delivery's bytes → (line, row) pairs."""
        assert self.parser is not None
        spec = importlib.util.spec_from_file_location(f"sources.{self.name}", self.parser)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        parse: Callable[[bytes], Iterator[tuple[int, Row]]] = module.parse
        return parse
