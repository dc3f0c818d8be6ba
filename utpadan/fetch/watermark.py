"""How far an incremental source has been read: the newest time seen in its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from utpadan.jsonpath import NoSuchPath, json_at


class Watermark:
    """The newest value of `field` over all records and the watermark before; never goes back.

    A time that is still to come is an error of whoever wrote it, or of their clock, and does not
    count: it would hide the records of the time until then. They are asked for again instead.
    """

    def __init__(self, field: str, previous: str | None, now: datetime) -> None:
        self._field = field
        self._limit = now
        self.text = previous
        self._moment = _moment(previous) if previous else None

    def since(self, overlap_days: int) -> str | None:
        """The watermark less the overlap, written as the portal writes it."""
        if self.text is None or self._moment is None or overlap_days == 0:
            return self.text
        return _written(self._moment - timedelta(days=overlap_days), self.text)

    def see(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Move on to the newest time of the records. Raises ValueError for what is no time."""
        for record in records:
            try:
                text = json_at(record, self._field)
            except NoSuchPath:
                continue
            if text is None:
                continue
            moment = _moment(text)
            if moment <= self._limit and (self._moment is None or moment > self._moment):
                self._moment, self.text = moment, text


def _moment(text: Any) -> datetime:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an ISO time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(moment: datetime, like: str) -> str:
    if len(like) <= len("2025-01-09"):
        return moment.date().isoformat()
    text = moment.isoformat(sep=like[10])
    if like.endswith("Z"):
        return text.removesuffix("+00:00") + "Z"
    return text if datetime.fromisoformat(like).tzinfo else text.removesuffix("+00:00")
