"""The stand-in portals serve every row of `data/` exactly once, and sample data marked as such.

Numbers are counted in `data/` by hand: 242 vendors, 182 products, 71 items, 52 policies, 274
incentives, 27 project classes, 111 production and 183 export statements.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import lxml.html
import openpyxl
import pytest
from lxml import etree

from portals.compendium_sheets import SHEETS
from portals.open_government_data import RESOURCES
from portals.registry import portal
from portals.sample.names import PRIVATE_COMPANIES, PUBLIC_UNDERTAKINGS
from portals.server import running

ROOT = Path(__file__).resolve().parents[2]
DEEP = "/srijan-deep/api/v1/vendors"
FEED = "/press/rss/defence-production.xml"
WORKBOOK = "/compendium/state-policies.xlsx"
REGISTRATIONS = "/partnership-days/exports/registrations.csv"
MEETINGS = "/partnership-days/exports/meetings.csv"
OPTIONS = "/partnership-days/exports/options.csv"
DEEP_TOKEN = {"X-Api-Token": str(portal("srijan_deep").token)}
OGD_KEY = str(portal("open_government_data").token)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running() as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def facts(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(rows: list[dict[str, str]], columns: list[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row[column] for column in columns) for row in rows)


def text(value: Any) -> str:
    return "" if value is None else str(value)


def all_vendors(client: httpx.Client) -> list[dict[str, Any]]:
    pages = [
        client.get(DEEP, params={"page": page, "size": 100}, headers=DEEP_TOKEN).json()
        for page in (1, 2, 3, 4)
    ]
    assert [len(page["vendors"]) for page in pages] == [100, 100, 42, 0]
    assert {(page["totalPages"], page["totalElements"]) for page in pages} == {(3, 242)}
    return [vendor for page in pages for vendor in page["vendors"]]


def test_every_vendor_is_registered_once_under_an_id_of_its_own(client: httpx.Client) -> None:
    vendors = all_vendors(client)
    names = {
        "vendor_name": "vendorName",
        "canonical_name": "canonicalName",
        "vendor_type": "vendorType",
        "founded_year": "foundedYear",
        "website": "website",
        "cin": "cin",
        "note": "note",
        "source_url": "sourceUrl",
        "published_on": "publishedOn",
        "published_on_approx": "publishedOnApprox",
        "publisher": "publisher",
    }
    places = {"hq_city": "city", "hq_state_code": "stateCode", "hq_basis": "basis"}
    served_rows = [
        {column: text(vendor[name]) for column, name in names.items()}
        | {
            column: text(vendor["locations"][0][name]) if vendor["locations"] else ""
            for column, name in places.items()
        }
        for vendor in vendors
    ]
    rows = facts("vendor_registry/vendors")
    assert len(rows) == 242
    assert counted(served_rows, list(rows[0])) == counted(rows, list(rows[0]))
    assert len({vendor["registrationId"] for vendor in vendors}) == 242


def test_every_product_is_nested_once_under_a_vendor_of_its_company(client: httpx.Client) -> None:
    vendors = all_vendors(client)
    nested = [(vendor, product) for vendor in vendors for product in vendor["products"]]
    rows = facts("vendor_registry/vendor_products")
    columns = ["canonical_name", "product", "source_url"]
    found = Counter(
        (product["canonicalName"], product["product"], product["sourceUrl"])
        for _, product in nested
    )
    assert len(nested) == len(rows) == 182
    assert found == counted(rows, columns)
    assert all(vendor["canonicalName"] == product["canonicalName"] for vendor, product in nested)


def test_the_item_pages_lead_through_all_71_items_and_end(client: httpx.Client) -> None:
    url, sizes, found = "/srijan/items?page=1", [], Counter[tuple[str, str, str]]()
    while url:
        answer = client.get(url)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        page = lxml.html.fromstring(answer.content)
        rows = [[cell.text_content() for cell in row] for row in page.xpath("//tbody/tr")]
        sizes.append(len(rows))
        found.update((row[1], row[2], row[6]) for row in rows)
        assert page.xpath("string(//tfoot)").strip() == "Total items: 71"
        url = page.xpath("string(//a[@rel='next']/@href)")
    assert sizes == [25, 25, 21]
    items = facts("vendor_registry/srijan_items")
    assert found == counted(items, ["item_name", "list", "source_url"])
    assert client.get("/srijan/items?page=4").status_code == 404


def test_the_workbook_holds_every_policy_row_between_title_and_footer(client: httpx.Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get(WORKBOOK).content))
    assert book.sheetnames == ["Policies", "Incentives", "Project classes"]
    for sheet, count in zip(SHEETS, (52, 274, 27), strict=True):
        lines = [list(line) for line in book[sheet.name].iter_rows(values_only=True)]
        titles = {title: name for _, group in sheet.groups for name, title in group.items()}
        columns = [titles[str(title)] for title in lines[4]]
        body, footer = lines[5 : 5 + count], lines[5 + count :]
        shown = [dict(zip(columns, map(cell_text, line), strict=True)) for line in body]
        assert counted(shown, columns) == counted(facts(sheet.table), columns)
        assert sorted(columns) == sorted(facts(sheet.table)[0])
        assert footer[0][0] is None
        assert [str(line[0]).split(":")[0] for line in footer[1:]] == ["Source", "Note"]
        assert len(book[sheet.name].merged_cells.ranges) == 2 + len(sheet.groups)


def cell_text(value: Any) -> str:
    return value.date().isoformat() if hasattr(value, "date") else text(value)


@pytest.mark.parametrize(
    ("uuid", "table", "total"),
    [
        (RESOURCES[0].uuid, "production_exports/production_annual", 111),
        (RESOURCES[1].uuid, "production_exports/exports_annual", 183),
    ],
)
def test_a_resource_is_whole_in_pages_of_100(
    client: httpx.Client, uuid: str, table: str, total: int
) -> None:
    records: list[dict[str, Any]] = []
    for offset, count in ((0, 100), (100, total - 100), (200, 0)):
        query = {"api-key": OGD_KEY, "format": "json", "offset": str(offset), "limit": "1000"}
        page = client.get(f"/open-government-data/resource/{uuid}", params=query).json()
        assert (page["total"], page["count"], page["limit"]) == (total, count, "100")
        records += page["records"]
    rows = facts(table)
    assert [field["id"] for field in page["field"]] == list(rows[0])
    for record, row in zip(records, rows, strict=True):
        assert float(record.pop("value")) == float(row.pop("value"))
        assert {name: text(value) for name, value in record.items()} == row


def test_every_release_of_the_feed_has_its_page(client: httpx.Client) -> None:
    feed = etree.fromstring(client.get(FEED).content)
    items = feed.findall("channel/item")
    assert len(items) == 40
    for item in items:
        page = lxml.html.fromstring(client.get(str(item.findtext("link"))).content)
        assert page.xpath("string(//h1)") == item.findtext("title")
        assert page.xpath("string(//div[@class='ministry'])") == "Ministry of Defence"
        assert page.xpath("//div[@class='body']/p")
        assert page.xpath("//footer//a/@href")
    assert client.get("/press/releases/none.html").status_code == 404


def test_a_release_prints_the_figures_of_the_data_in_indian_digits(client: httpx.Client) -> None:
    page = client.get("/press/releases/2025-08-09-output-2024-25.html").text
    # 150590, 79071 and 127000 crore in production_annual.csv as Mint gave them on 9 August 2025
    for figure in ("₹1,50,590 crore", "₹79,071 crore", "₹1.27 lakh crore", "18 per cent", "77%"):
        assert figure in page


def downloaded(client: httpx.Client, path: str) -> list[dict[str, str]]:
    content = client.get(path).content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_registrations_and_meetings_are_sample_and_fit_together(client: httpx.Client) -> None:
    registrations, meetings = downloaded(client, REGISTRATIONS), downloaded(client, MEETINGS)
    assert (len(registrations), len(meetings)) == (90, 140)
    known = {row["Registration No"] for row in registrations}
    assert len(known) == 90
    assert {row["Registration No"] for row in meetings} <= known
    assert {row["Event ID"] for row in (*registrations, *meetings)} == {"EV-DPD24"}
    assert {row["Meeting Type"] for row in meetings} == {"B2B", "B2G"}
    assert {row["Meeting Date"] for row in meetings} == {"28-11-2024", "29-11-2024"}
    assert all("\n" in row["Agenda"] for row in meetings)
    for row in (*registrations, *meetings):
        assert row["Is Sample"] == "true"
        assert row["Contact Email"].endswith("@example.org")
        assert row["Contact Phone"].startswith("+91 0")


def test_options_are_sample_and_taken_by_registered_companies(client: httpx.Client) -> None:
    options = downloaded(client, OPTIONS)
    known = {row["Registration No"] for row in downloaded(client, REGISTRATIONS)}
    assert {row["Registration No"] for row in options} <= known
    assert {row["Option"] for row in options} == {"sponsorship", "booth", "branding"}
    assert {row["Is Sample"] for row in options} == {"true"}


def test_no_fictional_company_bears_a_real_name(client: httpx.Client) -> None:
    registered = {row["Company Name"] for row in downloaded(client, REGISTRATIONS)}
    assert registered <= set(PRIVATE_COMPANIES)
    vendors, aliases = facts("vendor_registry/vendors"), facts("vendor_registry/vendor_aliases")
    real = {row[column] for row in vendors for column in ("vendor_name", "canonical_name")}
    real |= {row[column] for row in aliases for column in ("alias", "canonical_name")}
    fictional = {*PRIVATE_COMPANIES, *PUBLIC_UNDERTAKINGS}
    assert all(name.startswith("Kalpit ") for name in fictional)
    assert not {name.casefold() for name in fictional} & {name.casefold() for name in real}
    assert not any("kalpit" in name.casefold() for name in real)
