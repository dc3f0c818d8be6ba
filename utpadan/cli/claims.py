"""The verb that reads claims out of a file."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from utpadan.claims import Claim, read_claims
from utpadan.cli.app import AsJson, app, explained, out, print_json
from utpadan.parse.container import whole
from utpadan.parse.encode import refusal
from utpadan.parse.markup import article_of, page_tree, text_of
from utpadan.parse.text import encoding_of
from utpadan.table import ParseError

_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|\?xml|!--)", re.I)
_PACKED = (b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
"""How archives, PDF and Office documents begin."""
_START = 64 * 1024


@app.command(rich_help_panel="Look")
@explained(ParseError)
def claims(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text or HTML file.")],
    published_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help='Day of publication, for "last fiscal".'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read figures on defence production out of a press text."""
    found = read_claims(_text_of(file), published_on.date() if published_on else None)
    if as_json:
        print_json([asdict(claim) for claim in found])
        return
    for sentence, told in groupby(found, key=lambda claim: claim.sentence):
        out.print(sentence, style="bold", markup=False)
        for claim in told:
            out.print(f"  {_described(claim)}", markup=False)
    out.print(f"{len(found)} claims" if found else f"{file} claims nothing that we know")


def _text_of(file: Path) -> str:
    """The article of a page, or the text; ParseError names the file and what is wrong with it."""
    name = str(file)
    try:
        data = whole(name, file)
    except OSError as error:
        raise refusal(
            name, None, error.strerror or str(error), "name a text or HTML file"
        ) from error
    if _PAGE.match(data[:_START]):
        tree = page_tree(name, data)
        heading = tree.find(".//h1")
        headline = "" if heading is None else text_of(heading)
        article = article_of(tree)
        return article if article.startswith(headline) else f"{headline}\n\n{article}"
    if data.startswith(_PACKED):
        raise refusal(name, None, "this is no text", "save the document as text or HTML")
    return data.decode(encoding_of(file), "replace")


def _described(claim: Claim) -> str:
    high = f" to {claim.value_high:,f}" if claim.value_high is not None else ""
    words = [claim.bound_words or claim.bound, claim.status_words or claim.status]
    parts = [
        claim.metric,
        claim.sector,
        claim.measure,
        claim.period or "no period",
        f"{claim.stated_as} = {claim.value:,f}{high} {claim.unit} ± {claim.half_unit:,f}",
        *(f"{word}" for word in words if word not in ("exact", "stated")),
    ]
    return " · ".join(parts)
