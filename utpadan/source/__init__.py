"""The contract of a source: `sources/<domain>/<source>/source.yml` as frozen, validated objects.

One folder states everything about one source. Staging DDL, admission rules, header mapping, DAG
tasks, freshness and documentation are derived from the objects of this package; a reader of the
contract never has to look anywhere else. `load_sources()` is the way in.
"""

from utpadan.source.column import SCALE, Column, Rows, fold, scale_of
from utpadan.source.contract import NAME, Row, Source
from utpadan.source.reading import CHECKOUT, SOURCES, ContractError, load_source, load_sources
from utpadan.source.shapes import (
    Auth,
    CsvFormat,
    CursorPaging,
    FeedPaging,
    FileFetch,
    Format,
    HtmlFormat,
    HttpFetch,
    JsonFormat,
    Licence,
    LinkPaging,
    OffsetPaging,
    PagePaging,
    Paging,
    Publisher,
    RssFormat,
    SameAsFetch,
    XlsxFormat,
)

__all__ = [
    "CHECKOUT",
    "NAME",
    "SCALE",
    "SOURCES",
    "Auth",
    "Column",
    "ContractError",
    "CsvFormat",
    "CursorPaging",
    "FeedPaging",
    "FileFetch",
    "Format",
    "HtmlFormat",
    "HttpFetch",
    "JsonFormat",
    "Licence",
    "LinkPaging",
    "OffsetPaging",
    "PagePaging",
    "Paging",
    "Publisher",
    "Row",
    "Rows",
    "RssFormat",
    "SameAsFetch",
    "Source",
    "XlsxFormat",
    "fold",
    "load_source",
    "load_sources",
    "scale_of",
]
