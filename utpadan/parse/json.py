"""JSON → Table: the records at the contract's path, page after page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from utpadan.jsonpath import NoSuchPath, json_at
from utpadan.parse.container import documents
from utpadan.parse.encode import refusal
from utpadan.parse.records import Fields, from_records
from utpadan.parse.text import refuse_other_kinds
from utpadan.source import JsonFormat, Source
from utpadan.table import Table

_DEEPEST = 100
"""How deep lists and objects may lie within a record."""

_LARGEST = 30
"""Numbers with an exponent beyond this stay as written, which no column takes for a number."""

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|([}])|(NaN|-?Infinity)', re.DOTALL)
"""Texts, to pass over them; ends of objects; what is no JSON number."""


class _Written(str):
    """A number as written in the document: nothing is rounded, and 1.50 stays 1.50."""

    __slots__ = ()


def read_json(source: Source, shape: JsonFormat, name: str, path: Path) -> Table:
    """Read the records of one JSON document or of all its pages; `line` counts records.

    Raises ParseError for what is not JSON, for a key given twice, for nesting without end, and for
    a path that leads to no list of objects.
    """
    return from_records(source, name, partial(_records, source, shape, name, path))


def _records(source: Source, shape: JsonFormat, name: str, path: Path) -> Iterator[Fields]:
    known = _Paths(source)
    line = 0
    for page, body in documents(name, path):
        for parent in _list_at(page, _parsed(page, body), shape.records):
            nested = [parent] if shape.nested is None else _nested(page, parent, shape.nested)
            for record in nested:
                line += 1
                try:
                    fields = known.fields(line, record, parent)
                except _TooDeep as error:
                    cause = f"record {line} is nested more than {_DEEPEST} deep"
                    raise refusal(page, None, cause, "this is no table") from error
                yield fields


def _parsed(name: str, body: bytes) -> Any:
    refuse_other_kinds(name, body[: 64 * 1024], "JSON")
    encoding = json.detect_encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise refusal(name, line, f"broken text: {error}", "fetch it again") from error
    objects = _Objects()
    try:
        return json.loads(
            text,
            parse_int=_Written,
            parse_float=_plain_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=objects.take,
        )
    except json.JSONDecodeError as error:
        ended = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        more = ": the JSON is cut off" if ended else ""
        if error.msg == "Extra data":
            more = ": a second document begins here, one document with a list is expected"
        said = error.msg.removesuffix(" starting at").removesuffix(" at")
        cause = f"column {error.colno}: {said}{more}"
        raise refusal(name, error.lineno, cause, "fetch it again") from error
    except _Unclear as error:
        place = objects.place(text) if error.in_object else _first(text, 2)
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        remedy = "the portal must send valid JSON"
        raise refusal(name, line, f"column {column}: {error}", remedy) from error
    except RecursionError as error:
        raise refusal(name, None, "it is nested without end", "this is no table") from error


class _Unclear(ValueError):
    """JSON by its grammar, but without one meaning; `in_object` or for a word that is no number."""

    def __init__(self, cause: str, in_object: bool) -> None:
        super().__init__(cause)
        self.in_object = in_object


class _Objects:
    """Takes the objects as they end, and knows where the present one does."""

    def __init__(self) -> None:
        self._ended = 0

    def take(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object; raises _Unclear when a key stands in it twice."""
        self._ended += 1
        fields = dict(pairs)
        if len(fields) < len(pairs):
            names = [name for name, _ in pairs]
            double = next(name for name in names if names.count(name) > 1)
            raise _Unclear(f"the object that ends here has the key {double!r} twice", True)
        return fields

    def place(self, text: str) -> int:
        """Where in the text the newest object ends."""
        ends = (found.start() for found in _MARKS.finditer(text) if found.group(1))
        return next(islice(ends, self._ended - 1, None))


def _first(text: str, group: int) -> int:
    return next(found.start() for found in _MARKS.finditer(text) if found.group(group))


def _refuse_constant(word: str) -> Any:
    raise _Unclear(f"{word} is no JSON number", False)


def _plain_number(written: str) -> _Written:
    """1.5059E11, as some portals write any large number, in plain digits; nothing is rounded."""
    if "e" not in written and "E" not in written:
        return _Written(written)
    number = Decimal(written)
    if abs(number.adjusted()) > _LARGEST:
        return _Written(written)
    return _Written(f"{number:f}")


def _list_at(name: str, document: Any, path: str) -> list[dict[str, Any]]:
    remedy = "check `records` and `nested` in source.yml, or what the portal answered"
    try:
        found = json_at(document, path)
    except NoSuchPath as error:
        raise refusal(name, None, str(error), remedy) from error
    if not isinstance(found, list):
        cause = f"{path or 'the document'!r} is {_kind(found)}, not a list of records"
        raise refusal(name, None, cause, remedy)
    for number, record in enumerate(found, start=1):
        if not isinstance(record, dict):
            cause = f"record {number} of {path or 'the document'!r} is {_kind(record)}, no object"
            raise refusal(name, None, cause, remedy)
    return found


def _nested(name: str, parent: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """The nested records; a parent that lacks the list, or has null, has none."""
    try:
        if json_at(parent, path) is None:
            return []
    except NoSuchPath:
        return []
    return _list_at(name, parent, path)


class _Paths:
    """The contract's paths into a record and its parent, and which fields they leave over."""

    def __init__(self, source: Source) -> None:
        paths = {h: c.type for name, c in source.columns.items() for h in (c.header or (name,))}
        self._paths = [(p, p.startswith("^"), p.removeprefix("^"), t) for p, t in paths.items()]
        self._known = {path.split(".")[0] for path in paths}

    def fields(self, line: int, record: dict[str, Any], parent: dict[str, Any]) -> Fields:
        row: dict[str, str | None] = {}
        fault = ""
        for header, upward, path, wanted in self._paths:
            try:
                value = json_at(parent if upward else record, path)
            except NoSuchPath as error:
                fault = fault or ("" if error.is_absence else f"{header}: {error}")
                continue
            row[header] = _dumped(value) if wanted == "json" and value is not None else _text(value)
            if wanted != "json" and isinstance(value, dict | list):
                fault = fault or f"{header}: holds {_kind(value)}, not one value"
        row |= {name: _text(value) for name, value in record.items() if name not in self._known}
        return Fields(line, row, fault)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _dumped(value)


class _TooDeep(Exception):
    """A value nested deeper than any that people mean."""


def _dumped(value: Any, depth: int = 1) -> str:
    """JSON text with numbers as written. Raises _TooDeep."""
    if depth > _DEEPEST:
        raise _TooDeep
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name)}: {_dumped(item, depth + 1)}" for name, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_dumped(item, depth + 1) for item in value) + "]"
    if isinstance(value, _Written):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    if isinstance(value, _Written):
        return f"the number {value}"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else kinds[type(value)]
