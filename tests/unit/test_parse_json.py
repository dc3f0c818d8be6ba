"""JSON documents and pages of them: the records at the contract's path, nothing rounded."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Line, contract, lines

from utpadan.parse import ParseError, Table, read

COLUMNS: dict[str, dict[str, Any]] = {
    "vendor": {"required": True, "header": ["vendorName"]},
    "year": {"header": ["foundedYear"]},
    "city": {"header": ["place.city"]},
    "first_product": {"header": ["products.0.name"]},
}
SOURCE = contract({"kind": "json", "records": "data.vendors"}, COLUMNS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vendors.json"


def parsed(path: Path, data: bytes | str | dict[str, Any]) -> Table:
    if isinstance(data, dict):
        data = json.dumps(data)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(SOURCE, path)


def of(*vendors: str) -> str:
    return '{"data": {"vendors": [' + ", ".join(vendors) + "]}}"


def test_records_become_rows_by_the_paths_of_the_contract(path: Path) -> None:
    vendor = '{"vendorName": "Kritvaan", "foundedYear": 1999, "place": {"city": "Pune"}'
    table = parsed(path, of(vendor + ', "products": [{"name": "Fuze"}, {"name": "Shell"}]}'))
    assert table.headers == ("vendorName", "foundedYear", "place.city", "products.0.name")
    assert lines(table) == [
        Line(
            1,
            {
                "vendorName": "Kritvaan",
                "foundedYear": "1999",
                "place.city": "Pune",
                "products.0.name": "Fuze",
            },
            "",
        )
    ]


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("621940.85", "621940.85"),
        ("1.50", "1.50"),
        ("1e5", "100000"),
        ("1.50590E+11", "150590000000"),
        ("-2.5e-3", "-0.0025"),
        ("1e400", "1e400"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", "true"),
        ("null", None),
        ('""', None),
        ('"a\\nb"', "a\nb"),
        ('[1.10, "ü", null, {"a": false}]', '[1.10, "ü", null, {"a": false}]'),
    ],
)
def test_values_are_kept_as_written(path: Path, written: str, cell: str | None) -> None:
    table = parsed(path, of('{"vendorName": "A", "foundedYear": ' + written + "}"))
    assert lines(table)[0].cells["foundedYear"] == cell


def test_absent_and_null_on_the_way_are_empty_and_other_shapes_are_faults(path: Path) -> None:
    found = lines(
        parsed(
            path,
            of(
                '{"vendorName": "A"}',
                '{"vendorName": "B", "place": null, "products": []}',
                '{"vendorName": "C", "place": "Pune"}',
            ),
        )
    )
    assert [line.cells["place.city"] for line in found] == [None, None, None]
    assert [line.fault for line in found] == [
        "",
        "",
        "place.city: there is no 'city' in the str 'Pune' (path 'place.city')",
    ]


def test_unknown_fields_of_any_record_are_kept(path: Path) -> None:
    table = parsed(path, of('{"vendorName": "A"}', '{"vendorName": "B", "size": {"staff": 10}}'))
    assert table.headers[4:] == ("size",)
    assert [line.cells["size"] for line in lines(table)] == [None, '{"staff": 10}']


def test_pages_of_a_zip_are_one_table_with_running_records(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.json", of('{"vendorName": "A"}', '{"vendorName": "B"}'))
        archive.writestr("0002.json", of())
        archive.writestr("0003.json", of('{"vendorName": "C", "new": 1}'))
    table = read(SOURCE, path)
    assert [(line.line, line.cells["vendorName"]) for line in lines(table)] == [
        (1, "A"),
        (2, "B"),
        (3, "C"),
    ]
    assert table.headers[-1] == "new"


def test_nested_lists_give_rows_that_can_name_their_parent(path: Path) -> None:
    source = contract(
        {"kind": "json", "records": "", "nested": "products"},
        {
            "registration_id": {"header": ["^registrationId"], "required": True},
            "state": {"header": ["^place.state"]},
            "product": {"header": ["name"]},
        },
    )
    vendors = [
        {
            "registrationId": "SD-1",
            "place": {"state": "IN-MH"},
            "products": [{"name": "Fuze"}, {"name": "Shell", "domain": "ammunition"}],
        },
        {"registrationId": "SD-2", "products": []},
        {"registrationId": "SD-3", "products": None},
        {"registrationId": "SD-4"},
        {"registrationId": "SD-5", "products": [{"name": "Tug"}]},
    ]
    path.write_text(json.dumps(vendors))
    table = read(source, path)
    assert table.headers == ("^registrationId", "^place.state", "name", "domain")
    assert [(line.line, *line.cells.values()) for line in lines(table)] == [
        (1, "SD-1", "IN-MH", "Fuze", None),
        (2, "SD-1", "IN-MH", "Shell", "ammunition"),
        (3, "SD-5", None, "Tug", None),
    ]


def test_a_column_with_two_names_is_one_column(path: Path) -> None:
    source = contract(
        {"kind": "json", "records": ""},
        {"name": {"required": True}, "value": {"header": ["value_crore", "valueCrore"]}},
    )
    path.write_text(
        '[{"name": "A", "valueCrore": 1}, {"name": "B", "value_crore": 2},'
        ' {"name": "C", "value_crore": 3, "valueCrore": 4}]'
    )
    table = read(source, path)
    assert table.headers == ("name", "value_crore")
    assert [(line.cells["value_crore"], line.fault) for line in lines(table)] == [
        ("1", ""),
        ("2", ""),
        ("3; 4", "value_crore: two fields fill it with different values"),
    ]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "the file is empty"),
        (b"<html><title>Login</title>", "a web page titled 'Login', not JSON"),
        (
            '{"data": {"vendors": [{"vendorName": "A"}',
            r"json:1: column 42: .*: the JSON is cut off",
        ),
        ('{"data":\n {"vendors": ["A', r"json:2: column 15: .*: the JSON is cut off"),
        ('{"data":\n {"vendors": [}]}}', r"vendors\.json:2: column 15: Expecting value; fetch"),
        (
            '{"data":\n {"vendors": [{"vendorName": "}",\n "vendorName": "B"}]}}',
            r"json:3: column 19: the object that ends here has the key 'vendorName' twice",
        ),
        (
            of('{"vendorName": "NaN",\n "foundedYear": NaN}'),
            "json:2: column 17: NaN is no JSON num",
        ),
        (of('{"vendorName": "A", "foundedYear": -Infinity}'), "-Infinity is no JSON number"),
        ("[" * 100_000, "nested without end"),
        (
            of('{"vendorName": "A", "size": ' + "[" * 101 + "]" * 101 + "}"),
            "record 1 is nested more than 100 deep",
        ),
        (b'{"data": "\xff"}', "production/vendors.json:1: broken text"),
        ('{"data": {"items": []}}', "no 'vendors' in the object of items .path 'data.vendors'."),
        ('{"message": "no"}', "no 'data' in the object of message"),
        ('{"data": {"vendors": null}}', "'data.vendors' is null, not a list of records"),
        ('{"data": {"vendors": {"a": 1}}}', "'data.vendors' is an object, not a list"),
        (of('{"vendorName": "A"}', "[1]"), "record 2 of 'data.vendors' is a list, no object"),
        (of('{"vendor": "A"}'), "no record has a field for the required column vendor"),
    ],
)
def test_what_is_no_such_document_is_refused(path: Path, data: bytes | str, cause: str) -> None:
    with pytest.raises(ParseError, match=cause):
        lines(parsed(path, data))


def test_an_error_names_the_page(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("0001.json", of('{"vendorName": "A"}'))
        archive.writestr("0002.json", '{"data": {\n"vendors": [')
    with pytest.raises(ParseError, match=r"^production/vendors\.json/0002\.json:2: column 13"):
        read(SOURCE, path)


def test_no_records_are_an_empty_table(path: Path) -> None:
    table = parsed(path, of())
    assert table.headers == ("vendorName", "foundedYear", "place.city", "products.0.name")
    assert lines(table) == []


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(["foundedYear", "other", "third"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.decimals(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        ),
        max_size=6,
    )
)
def test_any_values_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    written = [{"vendorName": f"V{n}", **row} for n, row in enumerate(rows)]
    path = tmp_path_factory.mktemp("json") / "vendors.json"
    found = lines(parsed(path, of(*map(_dumped, written))))
    names = {name for row in rows for name in row}
    assert [
        {name: cell for name, cell in line.cells.items() if name in names} for line in found
    ] == [{name: _cell(row.get(name)) for name in names} for row in rows]


def _dumped(row: dict[str, Any]) -> str:
    pairs = (f"{json.dumps(k)}: {v if _is_number(v) else json.dumps(v)}" for k, v in row.items())
    return "{" + ", ".join(pairs) + "}"


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool | str) and value is not None


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, Decimal) and abs(value.adjusted()) <= 30:
        return f"{value:f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
