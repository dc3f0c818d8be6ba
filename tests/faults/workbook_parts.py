"""Workbooks put together part by part, as no office program would."""

from __future__ import annotations

import io
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEADER = ("year", "sector", "value_crore", "units", "stated_on", "note")


class Raw(NamedTuple):
    """A cell as XML; `{at}` stands for its coordinate."""

    xml: str


Cell = str | int | float | Raw | None


def value(kind: str, text: str, style: int = 0) -> Raw:
    """A cell of that type (n, s, b, e, str) and style (1 is a date)."""
    return Raw(f'<c r="{{at}}" t="{kind}" s="{style}"><v>{text}</v></c>')


def row(number: int, *cells: Cell) -> str:
    """One row of a sheet."""
    xml = (cell(f"{chr(65 + place)}{number}", held) for place, held in enumerate(cells))
    return f'<row r="{number}">{"".join(xml)}</row>'


def cell(at: str, held: Cell) -> str:
    """One cell of a row."""
    if held is None:
        return ""
    if isinstance(held, Raw):
        return held.xml.replace("{at}", at)
    if isinstance(held, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{held}</t></is></c>'
    return f'<c r="{at}"><v>{held}</v></c>'


def sheet(*rows: str, before: str = "", after: str = "") -> str:
    """A worksheet's part."""
    data = f"<sheetData>{''.join(rows)}</sheetData>"
    start = f'<?xml version="1.0"?>\n<worksheet xmlns="{MAIN}">'
    return f"{start}{before}{data}{after}</worksheet>"


def parts(
    *sheets: str,
    titles: tuple[str, ...] = ("Production",),
    state: str = "visible",
    properties: str = "",
    strings: str | None = None,
) -> dict[str, str]:
    """The parts of a workbook, by name."""
    numbers = range(1, len(titles) + 1)
    listed = "".join(
        f'<sheet name="{title}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
        for n, title in zip(numbers, titles, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    kinds = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    kinds |= {f"/xl/worksheets/sheet{n}.xml": "worksheet" for n in numbers}
    kinds |= {} if strings is None else {"/xl/sharedStrings.xml": "sharedStrings"}
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{DOCUMENT}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    found = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts><font/></fonts>'
        "<fills><fill><patternFill/></fill></fills>"
        '<borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>',
    }
    found |= {f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets, start=1)}
    if strings is not None:
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    return found


def packed(contents: dict[str, str]) -> bytes:
    """The zip of the parts."""
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
    return data.getvalue()


def book(*rows: tuple[Cell, ...]) -> bytes:
    """A workbook of the header and these rows."""
    lines = [row(number, *cells) for number, cells in enumerate((HEADER, *rows), start=1)]
    return packed(parts(sheet(*lines)))


def written(*lines: str, before: str = "", after: str = "") -> bytes:
    """A workbook of the header and these rows of XML, with what stands around its data."""
    return packed(parts(sheet(row(1, *HEADER), *lines, before=before, after=after)))
