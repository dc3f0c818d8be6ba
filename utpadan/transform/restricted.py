"""Rows of a restricted source bear their mark wherever they are written down.

Views ask staging, which shows restricted rows to members of utpadan_restricted alone. A table keeps
what its builder, who is a member, has read: so each table below a restricted source either has the
column `is_restricted`, by which `publish` guards its rows, or leaves those rows out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from utpadan.source import Source

MARK = "is_restricted"
_REF = re.compile(r"ref\(\s*['\"](\w+)['\"]\s*\)")
_TABLE = re.compile(r"materialized\s*=\s*['\"](table|incremental)['\"]")
_LEAVES_OUT = f"{MARK} is not true"
_READS_ALL = "documents_cited()"
"""A macro that reads the staging model of every source."""


def unmarked(project: Path, sources: Mapping[str, Source]) -> Iterator[str]:
    """A sentence for each table that reads a restricted source and does not tell its rows apart."""
    restricted = {name for name, source in sources.items() if source.restricted}
    if not restricted:
        return
    files = {path.stem: path for path in sorted((project / "models").rglob("*.sql"))}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    reads = {name: _reads(text, texts) for name, text in texts.items()}
    for name, path in files.items():
        is_table = "marts" in path.relative_to(project).parts or _TABLE.search(texts[name])
        if is_table and MARK not in texts[name] and (read := _sources(name, reads) & restricted):
            yield (
                f"{path}: reads the restricted source {min(read)} and says nothing of {MARK}: "
                "carry the column, or leave those rows out"
            )


def _reads(text: str, models: Mapping[str, str]) -> set[str]:
    """The models that this one reads; none when it leaves restricted rows out."""
    if _LEAVES_OUT in text:
        return set()
    staging = {name for name in models if name.startswith("stg_")} if _READS_ALL in text else set()
    return set(_REF.findall(text)) | staging


def _sources(model: str, reads: Mapping[str, set[str]]) -> set[str]:
    """The sources that a model reads, directly or through others."""
    found: set[str] = set()
    waiting = [model]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += reads.get(name, ())
    return {
        name.removeprefix("stg_").removesuffix("_history")
        for name in found
        if name.startswith("stg_")
    }
