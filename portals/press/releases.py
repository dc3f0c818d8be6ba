"""The releases: our own text, in `releases/*.yaml`, with figures read from `data/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portals.data import Row
from portals.press.figures import find

DIRECTORY = Path(__file__).parent / "releases"


@dataclass(frozen=True, slots=True)
class Release:
    """One release as published. `sources` are the rows of `data/` its figures rest on."""

    release_id: str
    published_at: datetime
    headline: str
    summary: str
    paragraphs: tuple[str, ...]
    sources: tuple[Row, ...]


def files() -> list[Path]:
    """The files the releases are written in."""
    return sorted(DIRECTORY.glob("*.yaml"))


@cache
def releases() -> tuple[Release, ...]:
    """All releases, newest first. LookupError names a figure that `data/` does not give."""
    drafts = [draft for path in files() for draft in yaml.safe_load(path.read_text("utf-8"))]
    found = [_release(draft) for draft in drafts]
    ids = [release.release_id for release in found]
    if len(set(ids)) != len(ids):
        raise ValueError(
            f"release ids repeat: {sorted({key for key in ids if ids.count(key) > 1})}"
        )
    return tuple(
        sorted(found, key=lambda release: (release.published_at, release.release_id), reverse=True)
    )


def _release(draft: Mapping[str, Any]) -> Release:
    try:
        figures = {name: find(name, spec) for name, spec in draft.get("figures", {}).items()}
        words = {name: text for name, (text, _) in figures.items()}
        return Release(
            release_id=draft["id"],
            published_at=datetime.fromisoformat(draft["at"]),
            headline=draft["headline"].format_map(words).strip(),
            summary=draft["summary"].format_map(words).strip(),
            paragraphs=tuple(text.format_map(words).strip() for text in draft["body"]),
            sources=tuple(row for _, row in figures.values()),
        )
    except LookupError as error:
        raise LookupError(f"press release {draft.get('id')!r}: {error}") from error
