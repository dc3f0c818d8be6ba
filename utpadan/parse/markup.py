"""Web pages as trees, and the text in them."""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree, html

from utpadan.parse.encode import refusal
from utpadan.parse.text import marked_encoding

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_KNOWN = re.compile(r"(windows-|cp)125[0-8]|iso-?8859-([2-9]|1[03-6])|koi8-[ru]|shift_jis|gbk|big5")
_UNFIT = {code: 0xFDD0 + code for code in range(32) if chr(code) not in "\t\n\r"}
"""Control characters, which no tree can hold, as the characters that Unicode leaves to programs."""

_FIT = {unfit: code for code, unfit in _UNFIT.items()}
_UNFIT |= dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)
_BREAKS = ("br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6")
_BESIDE_THE_TEXT = "ancestor::header or ancestor::footer or ancestor::nav or ancestor::aside"


def page_tree(name: str, body: bytes) -> Any:
    """The page's tree without scripts, styles and comments; ParseError when there is no page."""
    text = _decoded(name, body).translate(_UNFIT)
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        tree = html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        cause = f"this is no web page: {error}"
        raise refusal(name, None, cause, "fetch it again") from error
    if cut := parser.error_log.filter_from_fatals():  # the parser goes on, without the rest
        cause = f"the page cannot be read whole: {cut[0].message}"
        raise refusal(name, cut[0].line, cause, "it leaves tags open; look at the page")
    unseen = (etree.Comment, etree.ProcessingInstruction, "script", "style", "template", "noscript")
    etree.strip_elements(tree, *unseen, with_tail=False)
    for node in tree.iter(*_BREAKS):
        node.text, node.tail = _spaced(node.text), _spaced(node.tail)
    return tree


def _spaced(text: str | None) -> str:
    return f" {(text or '').translate(_UNFIT)}"


def text_of(node: Any) -> str:
    """The node's text as one line, without the text of tables in it."""
    depth = int(node.xpath("count(ancestor::table)"))
    texts = node.xpath("descendant::text()[count(ancestor::table) = $depth]", depth=depth)
    return " ".join("".join(texts).translate(_FIT).split())


def article_of(tree: Any) -> str:
    """The paragraphs of the page's article, else of its main part, else of the whole page."""
    places = (tree.find(".//article"), tree.find(".//main"), tree.find(".//body"))
    place = next((place for place in places if place is not None), tree)
    paragraphs = map(text_of, place.xpath(f".//p[not({_BESIDE_THE_TEXT})]"))
    return "\n\n".join(filter(None, paragraphs)) or text_of(place)


def _decoded(name: str, body: bytes) -> str:
    """By its mark; as UTF-8 where it reads so; as the page declares; else as cp1252.

    A page that declares another encoding and still reads as UTF-8 is UTF-8: text in one of the
    others does so only while it is plain ASCII.
    """
    encodings = [marked_encoding(body[:4096]), "utf-8", *_declared_encoding(body)]
    for encoding in filter(None, encodings):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError as error:
            broken = error
    line = body.count(b"\n", 0, broken.start) + 1
    raise refusal(name, line, f"broken text: {broken}", "fetch it again") from broken


def _declared_encoding(body: bytes) -> list[str]:
    """What the page declares, as browsers read it; cp1252 where it declares nothing known."""
    found = _CHARSET.search(body[:4096])
    word = found.group(1).decode().lower() if found else ""
    if word in ("utf-8", "utf8"):
        return []
    if _KNOWN.fullmatch(word) and word not in ("iso-8859-1", "iso8859-1"):
        return [codecs.lookup(word).name]
    return ["cp1252"]
