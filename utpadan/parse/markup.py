"""Web pages as trees, and the text in them."""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree, html

from utpadan.parse.encode import refusal

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_BREAKS = ("br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6")
_BESIDE_THE_TEXT = "ancestor::header or ancestor::footer or ancestor::nav or ancestor::aside"


def page_tree(name: str, body: bytes) -> Any:
    """The page's tree without scripts, styles and comments; ParseError when there is no page."""
    text = _decoded(name, body).replace("\0", "\ufffd")
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        tree = html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        cause = f"this is no web page: {error}"
        raise refusal(name, None, cause, "fetch it again") from error
    unseen = (etree.Comment, etree.ProcessingInstruction, "script", "style", "template", "noscript")
    etree.strip_elements(tree, *unseen, with_tail=False)
    for node in tree.iter(*_BREAKS):
        node.text, node.tail = f" {node.text or ''}", f" {node.tail or ''}"
    return tree


def text_of(node: Any) -> str:
    """The node's text as one line, without the text of tables in it."""
    depth = int(node.xpath("count(ancestor::table)"))
    texts = node.xpath("descendant::text()[count(ancestor::table) = $depth]", depth=depth)
    return " ".join("".join(texts).split())


def article_of(tree: Any) -> str:
    """The paragraphs of the page's article, else of its main part, else of the whole page."""
    places = (tree.find(".//article"), tree.find(".//main"), tree.find(".//body"))
    place = next((place for place in places if place is not None), tree)
    paragraphs = map(text_of, place.xpath(f".//p[not({_BESIDE_THE_TEXT})]"))
    return "\n\n".join(filter(None, paragraphs)) or text_of(place)


def _decoded(name: str, body: bytes) -> str:
    """By BOM or by what the page declares; else UTF-8 or, where it does not read so, cp1252."""
    declared = _declared_encoding(body)
    for encoding in (declared,) if declared else ("utf-8", "cp1252"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError as error:
            broken = error
    line = body.count(b"\n", 0, broken.start) + 1
    raise refusal(name, line, f"broken text: {broken}", "fetch it again") from broken


def _declared_encoding(body: bytes) -> str | None:
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    found = _CHARSET.search(body[:4096])
    try:
        known = codecs.lookup(found.group(1).decode()).name if found else None
    except LookupError:
        return None
    return "cp1252" if known == "iso8859-1" else known  # as browsers read it
