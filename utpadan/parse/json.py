"""JSON → Table: the records at the contract's path, page after page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from utpadan.jsonpath import NoSuchPath, json_at
from utpadan.parse.container import documents
from utpadan.parse.encode import refusal
from utpadan.parse.records import Fields, from_records
from utpadan.parse.text import refuse_other_kinds
from utpadan.source import JsonFormat, Source
from utpadan.table import Table


class _Written(str):
    """A number as written in the document: nothing is rounded, and 1.50 stays 1.50."""

    __slots__ = ()


def read_json(source: Source, shape: JsonFormat, name: str, path: Path) -> Table:
    """Read the records of one JSON document or of all its pages; `line` counts records.

    Raises ParseError for what is not JSON, for a key given twice, and for a path that leads to no
    list of objects.
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
                yield known.fields(line, record, parent)


def _parsed(name: str, body: bytes) -> Any:
    refuse_other_kinds(name, body[: 64 * 1024], "JSON")
    try:
        return json.loads(
            body.decode(json.detect_encoding(body)),
            parse_int=_Written,
            parse_float=_Written,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        ended = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        cause = f"column {error.colno}: {error.msg}" + (": the JSON is cut off" if ended else "")
        raise refusal(name, error.lineno, cause, "fetch it again") from error
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise refusal(name, line, f"broken text: {error}", "fetch it again") from error
    except (_Unclear, RecursionError) as error:
        raise refusal(name, None, str(error), "the portal must send valid JSON") from error


class _Unclear(ValueError):
    """JSON by its grammar, but without one meaning."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _Unclear(f"one object has the key {double!r} twice")
    return fields


def _refuse_constant(word: str) -> Any:
    raise _Unclear(f"{word} is no JSON number")


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
        paths = [h for name, c in source.columns.items() for h in (c.header or (name,))]
        self._paths = [(path, path.startswith("^"), path.removeprefix("^")) for path in paths]
        self._known = {path.split(".")[0] for path in paths}

    def fields(self, line: int, record: dict[str, Any], parent: dict[str, Any]) -> Fields:
        row: dict[str, str | None] = {}
        fault = ""
        for header, upward, path in self._paths:
            try:
                row[header] = _text(json_at(parent if upward else record, path))
            except NoSuchPath as error:
                fault = fault or ("" if error.is_absence else f"{header}: {error}")
        row |= {name: _text(value) for name, value in record.items() if name not in self._known}
        return Fields(line, row, fault)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _dumped(value)


def _dumped(value: Any) -> str:
    """JSON text with numbers as written."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name)}: {_dumped(item)}" for name, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumped, value)) + "]"
    if isinstance(value, _Written):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    if isinstance(value, _Written):
        return f"the number {value}"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else kinds[type(value)]
