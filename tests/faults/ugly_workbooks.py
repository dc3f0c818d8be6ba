"""Workbooks that no office program would write so, or that hide what they are."""

from __future__ import annotations

from collections.abc import Callable

from workbook_parts import (
    HEADER,
    MAIN,
    OFFICE,
    Raw,
    book,
    cell,
    packed,
    parts,
    row,
    sheet,
    value,
    written,
)

GOOD = ("2024-25", "total", 150590)
BIG_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def formulas() -> bytes:
    return book(
        ("2020-21", "total", Raw('<c r="{at}"><f>SUM(C8:C9)</f><v>84643</v></c>')),
        ("2021-22", "total", Raw('<c r="{at}" t="str"><f>"9"&amp;"4846"</f><v>94846</v></c>')),
        ("2022-23", "total", Raw('<c r="{at}"><f>SUM(C8:C9)</f></c>')),
        ("2023-24", "total", Raw('<c r="{at}" t="e"><f>Old!A1</f><v>#REF!</v></c>')),
        ("2024-25", "total", Raw('<c r="{at}"><f t="array" ref="C6">SUM(C8)</f><v>150590</v></c>')),
    )


def hidden_sheet() -> bytes:
    pages = sheet(row(1, *HEADER), row(2, *GOOD)), sheet(row(1, "Notes"))
    return packed(parts(*pages, titles=("PRODUCTION ", "Notes"), state="hidden"))


def two_sheets_of_one_name() -> bytes:
    page = sheet(row(1, *HEADER), row(2, *GOOD))
    return packed(parts(page, page, titles=("Production", "production ")))


def dates() -> bytes:
    return book(
        ("2017-18", "total", 1, None, 45747),
        ("2018-19", "total", 1, None, value("n", "45747", 1)),
        ("2019-20", "total", 1, None, value("n", "45747.0", 1)),
        ("2020-21", "total", 1, None, value("n", "60", 1)),
        ("2021-22", "total", 1, None, value("n", "61", 1)),
        ("2022-23", "total", 1, None, value("n", "99999999", 1)),
        ("2023-24", "total", 1, None, value("n", "45747.75", 1)),
        ("2024-25", "total", 1, None, value("d", "2025-03-31", 0)),
    )


def dates_from_1904() -> bytes:
    page = sheet(row(1, *HEADER), row(2, *GOOD, None, value("n", "44285", 1)))
    return packed(parts(page, properties='<workbookPr date1904="1"/>'))


def merged_cells() -> bytes:
    return written(
        row(2, "2024-25", "total", 150590),
        row(3, None, "dpsu", 21816),
        after='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>',
    )


def other_types() -> bytes:
    return book(
        ("2021-22", "total", 12, 7, None, value("b", "1")),
        ("2022-23", "total", value("b", "1")),
        ("2023-24", "total", value("n", "0.30000000000000004")),
        ("2024-25", "total", value("n", "1.5059E5")),
    )


def sheet_is_missing() -> bytes:
    contents = parts(sheet(row(1, *HEADER)))
    del contents["xl/worksheets/sheet1.xml"]
    return packed(contents)


def other_sheets() -> bytes:
    return packed(parts(sheet(), sheet(), titles=("Exports", "\u202enoitcudorP")))


def external_links() -> bytes:
    links = '<externalReferences><externalReference r:id="r9"/></externalReferences>'
    contents = parts(sheet(row(1, *HEADER), row(2, *GOOD)), properties="")
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace(
        "</sheets>", f"</sheets>{links}"
    )
    contents["xl/_rels/workbook.xml.rels"] = contents["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="r9" Type="{OFFICE}/externalLink" Target="externalLinks/gone.xml"/>'
        "</Relationships>",
    )
    return packed(contents)


def shared_strings(strings: str | None) -> bytes:
    first = row(2, value("s", "0"), "total", 150590)
    page = sheet(row(1, *HEADER), first, row(3, "2025-26", value("s", "7"), 154000))
    return packed(parts(page, strings=strings))


def strings_with_runs() -> bytes:
    strings = (
        "<si><r><t>2024</t></r><r><t>-25</t></r></si>"
        '<si><t xml:space="preserve"> total </t></si><si><t>one_x000D_&#10;two</t></si>'
    )
    cells = value("s", "0"), value("s", "1"), 150590, None, None, value("s", "2")
    return packed(parts(sheet(row(1, *HEADER), row(2, *cells)), strings=strings))


def dimension_that_lies() -> bytes:
    return written(row(2, *GOOD), before='<dimension ref="A1:XFD1048576"/>')


def far_apart() -> bytes:
    styled = Raw('<c r="{at}"/><c r="XFD2" s="1"/>')
    return written(row(2, *GOOD, None, None, styled), row(1_048_576, "2025-26", "total", 154000))


def row_beyond_the_last() -> bytes:
    return written(row(2, *GOOD), row(1_048_577, *GOOD))


def rows_out_of_order() -> bytes:
    return written(row(3, *GOOD), row(2, "2023-24", "total", 127434))


def cells_out_of_order() -> bytes:
    mixed = cell("C2", 127434) + cell("B2", "total") + cell("A2", "2023-24")
    double = cell("A3", "2022-23") + cell("B3", "total") + cell("B3", "dpsu")
    return written(f'<row r="2">{mixed}</row>', f'<row r="3">{double}</row>', row(4, *GOOD))


def long_cell() -> bytes:
    return book((*GOOD, None, None, "x" * 40_000))


def entities_after_a_comment() -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!--{"-=" * 4000}--><!DOCTYPE w [<!ENTITY e0 "ha">{levels}]>'
    contents = parts(sheet(row(1, *HEADER), row(2, *GOOD, None, None, "&e8;")))
    name = "xl/worksheets/sheet1.xml"
    contents[name] = contents[name].replace("?>\n", f"?>\n{bomb}")
    return packed(contents)


def bomb() -> bytes:
    return packed(parts(sheet(row(1, *HEADER), row(2, *GOOD), after=" " * 16 * 1024 * 1024)))


def damaged() -> bytes:
    data = bytearray(book(*[(f"{year}-00", "total", year) for year in range(1000, 3000)]))
    place = data.index(b"xl/worksheets/sheet1.xml") + 2000
    data[place : place + 40] = b"\0" * 40
    return bytes(data)


def broken_in_the_sheet() -> bytes:
    contents = parts(sheet(row(1, *HEADER), row(2, *GOOD), row(3, *GOOD)))
    name = "xl/worksheets/sheet1.xml"
    contents[name] = contents[name][: -len("</c></row></sheetData></worksheet>")]
    return packed(contents)


def path_traversal() -> bytes:
    return packed(parts(sheet(row(1, *HEADER), row(2, *GOOD))) | {"../../../etc/cron.d/evil": "x"})


def protected_zip() -> bytes:
    data = bytearray(book(GOOD))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def strict() -> bytes:
    contents = parts(sheet(row(1, *HEADER), row(2, *GOOD)))
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    return packed({name: text.replace(MAIN, strict) for name, text in contents.items()})


def open_document() -> bytes:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "content.xml": "<office/>"})


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "formulas.xlsx": formulas,
    "hidden_sheet.xlsx": hidden_sheet,
    "two_sheets_of_one_name.xlsx": two_sheets_of_one_name,
    "dates.xlsx": dates,
    "dates_from_1904.xlsx": dates_from_1904,
    "merged_cells.xlsx": merged_cells,
    "other_types.xlsx": other_types,
    "infinite.xlsx": lambda: book(GOOD, ("2025-26", "total", value("n", "1e999"))),
    "no_number.xlsx": lambda: book(GOOD, ("2025-26", "total", value("n", "INF"))),
    "sheet_is_missing.xlsx": sheet_is_missing,
    "other_sheets.xlsx": other_sheets,
    "external_links.xlsx": external_links,
    "shared_strings_missing.xlsx": lambda: shared_strings(None),
    "shared_string_missing.xlsx": lambda: shared_strings("<si><t>2024-25</t></si>"),
    "strings_with_runs.xlsx": strings_with_runs,
    "dimension_that_lies.xlsx": dimension_that_lies,
    "far_apart.xlsx": far_apart,
    "row_beyond_the_last.xlsx": row_beyond_the_last,
    "rows_out_of_order.xlsx": rows_out_of_order,
    "cells_out_of_order.xlsx": cells_out_of_order,
    "long_cell.xlsx": long_cell,
    "formula_as_text.xlsx": lambda: book((*GOOD, None, None, "=cmd|' /C calc'!A0")),
    "entities_after_a_comment.xlsx": entities_after_a_comment,
    "bomb.xlsx": bomb,
    "damaged.xlsx": damaged,
    "cut_off.xlsx": lambda: book(GOOD)[:-100],
    "broken_in_the_sheet.xlsx": broken_in_the_sheet,
    "path_traversal.xlsx": path_traversal,
    "protected_zip.xlsx": protected_zip,
    "strict.xlsx": strict,
    "open_document.xlsx": open_document,
    "encrypted.xlsx": lambda: BIG_MARK + b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
    "old_office.xlsx": lambda: BIG_MARK + b"W\0o\0r\0k\0b\0o\0o\0k\0",
}
