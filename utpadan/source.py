"""The contract of a source: `sources/<domain>/<source>/source.yml` as frozen, validated objects.

One folder states everything about one source. Staging DDL, admission rules, header mapping, DAG
tasks, freshness and documentation are derived from the objects of this module; a reader of the
contract never has to look anywhere else. `load_sources()` is the way in.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCES = CHECKOUT / "sources"

NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
"""Names of sources and columns: plain SQL identifiers, short enough for derived names."""

Row = Mapping[str, str | None]
"""One parsed row: header (or JSON path) as sent → text as sent; a missing or empty cell is None."""

SCALE = {"thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7, "lakh crore": 10**12}
"""What a stated unit multiplies by."""


def scale_of(unit: str | None) -> int:
    """What the scale word at a unit's end multiplies by: INR crore → 10,000,000; count → 1."""
    for word in sorted(SCALE, key=len, reverse=True):
        if f" {unit}".endswith(f" {word}"):
            return SCALE[word]
    return 1


def fold(header: str) -> str:
    """A header for comparing: case, blanks, underscores and non-breaking spaces do not count."""
    return " ".join(header.replace("_", " ").replace("\u00a0", " ").casefold().split())


class ContractError(ValueError):
    """A contract that cannot be used; the message names file, line, field and cause."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Publisher(_Part):
    """Who stands behind the facts: `official` when it is a public authority or its own portal."""

    name: str
    official: bool
    url: str | None = None


class Licence(_Part):
    """Terms of use; `note` says how far they were verified and what must be credited."""

    name: str
    url: str | None = None
    note: str


class FileFetch(_Part):
    """A file in the checkout (relative path) or at any fsspec URL."""

    kind: Literal["file"]
    path: str


class Auth(_Part):
    """Where the connection's secret goes: a bearer token, a header or a query parameter."""

    place: Literal["bearer", "header", "query"]
    name: str = "Authorization"


class PagePaging(_Part):
    """Numbered pages; `pages` is the path of the page count in the JSON answer.

    `total`, where the portal states it, is the path of the row count that must be reached.
    """

    style: Literal["page"]
    param: str = "page"
    first: int = 1
    pages: str
    total: str | None = None


class OffsetPaging(_Part):
    """Offset and limit; `total` is the path of the row count, `limit` the size asked for."""

    style: Literal["offset"]
    param: str = "offset"
    limit_param: str = "limit"
    limit: int
    total: str


class CursorPaging(_Part):
    """An opaque cursor; `next` is its path in the JSON answer, null or absent at the end.

    `total`, where the portal states it, is the path of the row count that must be reached.
    """

    style: Literal["cursor"]
    param: str = "cursor"
    next: str
    total: str | None = None


class LinkPaging(_Part):
    """HTML pages: follow the link with rel="next" until there is none."""

    style: Literal["link"]


class FeedPaging(_Part):
    """An RSS feed whose items link to pages: the feed first, then every linked page."""

    style: Literal["feed"]


Paging = Annotated[
    PagePaging | OffsetPaging | CursorPaging | LinkPaging | FeedPaging,
    Field(discriminator="style"),
]


class HttpFetch(_Part):
    """An HTTP portal. `base_url` is the real portal; a connection of that name overrides it.

    `since_param` asks an incremental portal for records updated since the newest value seen of
    `since_field` (a path in the record), less `overlap_days`.
    """

    kind: Literal["http"]
    connection: str
    base_url: str
    path: str
    params: Mapping[str, str] = {}
    auth: Auth | None = None
    paging: Paging | None = None
    since_param: str | None = None
    since_field: str | None = None
    overlap_days: int = 1
    requests_per_second: float = 5.0


class SameAsFetch(_Part):
    """The delivery of another source carries this one too (a sheet, a nested list)."""

    kind: Literal["same_as"]
    source: str


Fetch = Annotated[FileFetch | HttpFetch | SameAsFetch, Field(discriminator="kind")]


class CsvFormat(_Part):
    """Delimited text. Encoding, delimiter and the header's line are found from the bytes."""

    kind: Literal["csv"]


class JsonFormat(_Part):
    """JSON: `records` is the path of the record list ("" for the document itself).

    With `nested`, each record's list at that path gives the rows; columns then read the nested
    record, and `^name` in a column's header reads the parent record.
    """

    kind: Literal["json"]
    records: str
    nested: str | None = None


class XlsxFormat(_Part):
    """A workbook's sheet; the header row is found by the contract's headers."""

    kind: Literal["xlsx"]
    sheet: str


class HtmlFormat(_Part):
    """An HTML table, the first whose header row carries the contract's headers."""

    kind: Literal["html"]


class RssFormat(_Part):
    """RSS 2.0 items with their linked pages: title, link, guid, pubDate, description, body."""

    kind: Literal["rss"]


Format = Annotated[
    CsvFormat | JsonFormat | XlsxFormat | HtmlFormat | RssFormat, Field(discriminator="kind")
]


class Rows(_Part):
    """Volume bounds of one delivery.

    Fewer than `min` rows refuses the load, more than `max` warns. `max_change` is the share of
    current keys that one delivery may change or close; above it the load is refused.
    """

    min: int = Field(ge=0)
    max: int = Field(gt=0)
    max_change: float = Field(gt=0, le=1)


DateFormat = Literal["DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "DD Mon YYYY", "Mon DD, YYYY"]
"""Spellings of a date that `ops.read_date` knows beside ISO."""


class Column(_Part):
    """One column: how a cell is read, what is allowed, and what it means.

    `header` are the names it has had in the file (any vintage), default its own name; for JSON a
    dotted path. `stated_unit` is a scale word (lakh, crore ...) in which the file states the
    number: the admitted value is multiplied by it. `formats` are the spellings of a date beside
    ISO. `lookup` mends known spellings; one
    mended to '' means no value. `personal` data never leaves staging.
    """

    type: Literal["text", "integer", "numeric", "date", "timestamp", "boolean", "json"]
    description: str = Field(min_length=8)
    required: bool = False
    header: tuple[str, ...] = ()
    unit: str | None = None
    stated_unit: Literal["thousand", "lakh", "million", "crore", "lakh crore"] | None = None
    allowed: tuple[str, ...] | None = Field(default=None, min_length=1)
    matches: str | None = None
    min: Decimal | str | None = None
    max: Decimal | str | None = None
    formats: tuple[DateFormat, ...] = ()
    lookup: Mapping[str, str] = {}
    personal: bool = False

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Column:
        if self.stated_unit and self.type != "numeric":
            raise ValueError("stated_unit goes with type numeric")
        if self.formats and self.type not in ("date", "timestamp"):
            raise ValueError("formats go with type date or timestamp")
        if (self.matches or self.allowed) and self.type != "text":
            raise ValueError("matches and allowed go with type text")
        for bound in (self.min, self.max):
            if bound is not None:
                self._refuse_foreign(bound)
        if self.type in ("numeric", "integer") and not self.unit:
            raise ValueError("a number needs a unit (count, percent, INR crore, year ...)")
        return self

    def _refuse_foreign(self, bound: Decimal | str) -> None:
        """Raise ValueError for a bound that is no value of the column's type."""
        reads: dict[str, Callable[[str], Any]] = {
            "integer": int,
            "numeric": Decimal,
            "date": date.fromisoformat,
            "timestamp": datetime.fromisoformat,
        }
        if self.type not in reads:
            raise ValueError(f"min and max do not go with type {self.type}")
        try:
            reads[self.type](str(bound))
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"the bound {str(bound)!r} is no {self.type}") from error


class Source(_Part):
    """One source: the whole of its contract, and where it lives.

    `ignored` are headers left out on purpose, each with the reason; any other header that no
    column reads is kept in `_extra` and warned about.
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

    @model_validator(mode="after")
    def _names_are_known(self) -> Source:
        for column in self.columns:
            if not NAME.fullmatch(column):
                raise ValueError(f"column name {column!r} is not lower_snake_case")
        for part in self.key:
            if part not in self.columns:
                raise ValueError(f"key names {part!r}, which is no column")
        headers = [fold(h) for name, c in self.columns.items() for h in (c.header or (name,))]
        doubles = {h for h in headers if headers.count(h) > 1}
        if doubles:
            raise ValueError(f"two columns read the header {min(doubles)!r}")
        return self

    @property
    def delivery_source(self) -> str:
        """The source whose delivery is read: itself, or the one named by `same_as`."""
        return self.fetch.source if isinstance(self.fetch, SameAsFetch) else self.name

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
        """Identity of all that decides how bytes become rows; prose and owners do not."""
        decisive = {"format", "delivery", "key", "columns", "ignored"}
        parts = self.model_dump(mode="json", include=decisive)
        parts["ignored"] = sorted(parts["ignored"])
        for column in parts["columns"].values():
            del column["description"]
            column["unit"] = scale_of(column["unit"])
        text = json.dumps(parts, sort_keys=True)
        if self.parser:
            text += self.parser.read_text(encoding="utf-8")
        return hashlib.sha256(text.encode()).hexdigest()

    def custom_parse(self) -> Callable[[bytes], Iterator[tuple[int, Row]]]:
        """The `parse` function of `parse.py`: the delivery's bytes → (line, row) pairs."""
        assert self.parser is not None
        spec = importlib.util.spec_from_file_location(f"sources.{self.name}", self.parser)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        parse: Callable[[bytes], Iterator[tuple[int, Row]]] = module.parse
        return parse


def load_source(folder: Path) -> Source:
    """Read one contract. Raises ContractError naming file, line, field and cause."""
    path = folder / "source.yml"
    try:
        text = path.read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tree: dict[str, Any] = yaml.load(text, Loader=loader) or {}
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: {error}") from error
    place = {"name": folder.name, "domain": folder.parent.name, "folder": folder}
    try:
        return Source.model_validate({**tree, **place})
    except (ValidationError, TypeError) as error:
        raise ContractError(_explain(path, text, error)) from error


def load_sources(root: Path = SOURCES) -> dict[str, Source]:
    """All contracts below `root`, by name, in order of domain and name.

    Raises ContractError for a broken contract, for one name used twice and for a `same_as` that
    names no source with a delivery of its own.
    """
    found: dict[str, Source] = {}
    for path in sorted(root.glob("*/*/source.yml")):
        source = load_source(path.parent)
        if not NAME.fullmatch(source.name):
            raise ContractError(f"{path}: the folder name {source.name!r} is not lower_snake_case")
        if source.name in found:
            raise ContractError(
                f"{path}: the name {source.name} is also {found[source.name].folder}"
            )
        found[source.name] = source
    for source in found.values():
        carrier = found.get(source.delivery_source)
        if carrier is None or carrier.delivery_source != carrier.name:
            raise ContractError(
                f"{source.folder / 'source.yml'}: fetch.source: {source.delivery_source!r} "
                "is no source that fetches for itself"
            )
    return found


def _explain(path: Path, text: str, error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"{path}: {error}"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = []
    for issue in error.errors():
        field = ".".join(str(part) for part in issue["loc"]) or "contract"
        lines.append(f"{path}:{_line(root, issue['loc'])}: {field}: {issue['msg']}")
    return "\n".join(lines)


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                continue
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
