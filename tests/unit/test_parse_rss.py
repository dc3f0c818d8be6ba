"""An RSS feed and its pages: one row an item, the article's paragraphs as its body."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from reading import contract, lines

from utpadan.parse import Table, read

SOURCE = contract(
    {"kind": "rss"},
    {
        "guid": {"required": True},
        "title": {"required": True},
        "published_at": {"header": ["pubDate"]},
        "body": {},
    },
)
ITEM = "<item><title>{0}</title><link>http://h/{0}</link><guid>{0}</guid>{1}</item>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "press.xml"


def feed(*items: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<rss version="2.0"><channel>'
        f"<title>Press</title>{''.join(items)}</channel></rss>"
    )


def parsed(path: Path, text: str | bytes) -> Table:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(SOURCE, path)


def zipped(path: Path, text: str, **pages: str) -> Table:
    with ZipFile(path, "w") as archive:
        archive.writestr("feed.xml", text)
        for name, body in pages.items():
            archive.writestr(f"{name.removeprefix('p')}.html", body)
    return read(SOURCE, path)


def test_items_are_rows_by_the_names_of_their_elements(path: Path) -> None:
    date = "<pubDate>Tue, 01 Apr 2025 17:30:00 +0530</pubDate>"
    table = parsed(
        path,
        feed(
            ITEM.format("a", date + "<category>X</category><category>Y &amp; Z</category>"),
            ITEM.format("b", '<dc:creator xmlns:dc="http://d/">Desk</dc:creator>'),
        ),
    )
    assert table.headers == ("guid", "title", "pubDate", "body", "link", "category", "dc:creator")
    assert [(line.line, *line.cells.values()) for line in lines(table)] == [
        (1, "a", "a", "2025-04-01T17:30:00+05:30", None, "http://h/a", "X; Y & Z", None),
        (2, "b", "b", None, None, "http://h/b", None, "Desk"),
    ]


@pytest.mark.parametrize(
    ("markup", "body"),
    [
        ("<body><p>One\n <b>two</b></p><p>Three</p></body>", "One two\n\nThree"),
        ("<p>Menu</p><main><p>Text</p></main><p>Imprint</p>", "Text"),
        ("<main><p>Menu</p><article><p>Text</p></article></main>", "Text"),
        ("<nav><p>Menu</p></nav><p>Text</p><footer><p>(Release ID: 1)</p></footer>", "Text"),
        ("<body><div>No paragraph</div> here</body>", "No paragraph here"),
    ],
)
def test_the_body_is_the_article_of_the_page(path: Path, markup: str, body: str) -> None:
    table = zipped(path, feed(ITEM.format("a", "")), p0001=f"<html>{markup}</html>")
    assert lines(table)[0].cells["body"] == body


def test_pages_belong_to_the_item_of_their_number(path: Path) -> None:
    items = (ITEM.format(name, "") for name in "abc")
    table = zipped(path, feed(*items), p0001="<p>first</p>", p0003="<p>third</p>")
    assert [line.cells["body"] for line in lines(table)] == ["first", None, "third"]
