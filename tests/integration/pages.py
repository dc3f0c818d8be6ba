"""The project's pages as a reader takes them: what to type, what to expect, where to look.

A fenced block of language `sh` is to be run, unless its info string says `sh no-run: <why>`. A
block `text prints` is what the commands before it print, shortened where it has `…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utpadan.settings import CHECKOUT

README = CHECKOUT / "README.md"
DOCS = CHECKOUT / "docs"
PAGES = [README, *sorted(DOCS.glob("*.md"))]

FENCE = re.compile(r"^```(?P<language>\S*) *(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (?P<words>.+)$", re.M)
NO_RUN = "no-run:"


@dataclass(frozen=True)
class Block:
    """A fenced block; `before` is the text between it and the block before."""

    page: Path
    line: int
    language: str
    note: str
    text: str
    before: str

    @property
    def is_run(self) -> bool:
        """Whether a reader is to type it, as it stands."""
        return self.language == "sh" and not self.note.startswith(NO_RUN)

    @property
    def is_printed(self) -> bool:
        """Whether it shows what the commands before it print."""
        return (self.language, self.note) == ("text", "prints")

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text, end = page.read_text(encoding="utf-8"), 0
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        before = text[end : found.start()]
        yield Block(page, line, found["language"], found["note"], found["text"], before)
        end = found.end()


def code(page: Path) -> Iterator[str]:
    """All that a page says in code: its spans, and the commands of its blocks."""
    yield from CODE_SPAN.findall(prose(page))
    yield from (block.text for block in blocks(page) if block.language == "sh")


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """The targets of the page's links and pictures that lie in the checkout."""
    found = [match["target"] for match in LINK.finditer(prose(page))]
    return [target for target in found if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`: the page's headings, as a web page of the repository does."""
    return {
        re.sub(r"[^\w\- ]", "", match["words"].lower()).replace(" ", "-")
        for match in HEADING.finditer(prose(page))
    }


def cells(text: str) -> list[str]:
    """What must occur in a program's output: its cells, every number as #, without omissions."""
    parts = re.split(r"\n|…|\s{2,}|\s\|\s", text)
    return [part for part in map(masked, parts) if part.strip("#│ ")]


def masked(text: str) -> str:
    """The text with every number as # and blanks as one."""
    return " ".join(re.sub(r"\d[\d,.:-]*", "#", text).split())
