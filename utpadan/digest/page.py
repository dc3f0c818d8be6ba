"""Sections as plain text and as a page of simple HTML that every mail program shows."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

WIDTH = 78
_CODE = re.compile(r"`([^`]+)`")
_HARMLESS = str.maketrans({"<": "(", ">": ")", "@": " at "})
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"


@dataclass(frozen=True)
class Item:
    """What, what of it, and who answers for it."""

    what: str
    said: str
    owner: str = ""


@dataclass(frozen=True)
class Section:
    """A title, its items, where they end: all are counted, `shown` of them are shown."""

    title: str
    items: list[Item]
    ending: str = ""
    shown: int = 1000

    @property
    def tail(self) -> str:
        """What is said after the items."""
        left = len(self.items) - self.shown
        return f"and {left:,} more: {self.ending}" if left > 0 else ""


def as_text(subject: str, lead: str, sections: Iterable[Section]) -> str:
    """The message as lines of at most 78 characters, words that are longer aside."""
    lines = [subject, "=" * min(len(subject), WIDTH), "", *_wrapped(lead, "")]
    for section in sections:
        lines += ["", f"{section.title} ({len(section.items)})"]
        for item in section.items[: section.shown]:
            owner = f" [{item.owner}]" if item.owner else ""
            lines += _wrapped(f"{item.what}: {item.said}{owner}", "- ")
        lines += _wrapped(section.tail, "")
    return "\n".join(lines) + "\n"


def as_html(subject: str, lead: str, sections: Iterable[Section]) -> str:
    """The same as one page: no script, no picture, nothing from elsewhere."""
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(subject)}</title></head>",
            f'<body style="margin:0;padding:24px;background:#ffffff;color:#1b1b1b;{_FONT};'
            'font-size:15px;line-height:1.45"><div style="max-width:760px;margin:0 auto">',
            f'<h1 style="font-size:20px;margin:0 0 8px">{escape(subject)}</h1>',
            f'<p style="margin:0 0 8px">{_marked(lead)}</p>',
            *(line for section in sections for line in _section(section)),
            "</div></body></html>",
        ]
    )


def as_chat(text: str) -> str:
    """The text for a chat: nothing in it is a link, a mention or a call of a whole channel."""
    return text.translate(_HARMLESS)


def _wrapped(text: str, mark: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _section(section: Section) -> Iterator[str]:
    yield (
        '<h2 style="font-size:16px;margin:20px 0 4px;border-bottom:1px solid #d0d0d0">'
        f'{escape(section.title)} <span style="color:#6a6a6a;font-weight:normal">'
        f"{len(section.items)}</span></h2>"
    )
    yield '<table style="border-collapse:collapse;width:100%;font-size:14px">'
    cell = "padding:4px 12px 4px 0;vertical-align:top"
    for item in section.items[: section.shown]:
        yield (
            f'<tr><td style="{cell};width:34%;font-weight:600">{_marked(item.what)}</td>'
            f'<td style="{cell}">{_marked(item.said)}</td>'
            f'<td style="{cell};color:#6a6a6a;white-space:nowrap">{escape(item.owner)}</td></tr>'
        )
    yield "</table>"
    if section.tail:
        yield f'<p style="margin:4px 0;color:#6a6a6a;font-size:13px">{_marked(section.tail)}</p>'


def _marked(text: str) -> str:
    """Escaped, with what stands between backquotes as code."""
    code = r'<code style="background:#f2f2f2;padding:0 3px">\1</code>'
    return _CODE.sub(code, escape(text))
