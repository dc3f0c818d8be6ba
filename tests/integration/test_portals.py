"""The stand-in portals over real HTTP: their protocols, and the same bytes on every start.

Authorisations are calibrated to exports_annual.csv; 1 crore = 10,000,000 rupees.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from portals.arming import is_from_loopback
from portals.defence_exim import RateLimit
from portals.open_government_data import DEMO_KEY, RESOURCES
from portals.registry import portal
from portals.sample.names import PRIVATE_COMPANIES, PUBLIC_UNDERTAKINGS
from portals.server import running

DEEP = "/srijan-deep/api/v1/vendors"
EXIM = "/defence-exim/api/v1"
PRODUCTION = f"/open-government-data/resource/{RESOURCES[0].uuid}"
RATE = "/world-bank/v2/country/IND/indicator/PA.NUS.FCRF"
TRADE = "/un-comtrade/data/v1/get/C/A/HS"
FEED = "/press/rss/defence-production.xml"
CONDITIONAL = (
    "/compendium/state-policies.xlsx",
    FEED,
    "/press/releases/2025-04-01-exports-2024-25.html",
    "/partnership-days/exports/registrations.csv",
    "/partnership-days/exports/meetings.csv",
    "/partnership-days/exports/options.csv",
)
DEEP_TOKEN = {"X-Api-Token": str(portal("srijan_deep").token)}
EXIM_TOKEN = {"Authorization": f"Bearer {portal('defence_exim').token}"}
TRADE_TOKEN = {"Ocp-Apim-Subscription-Key": str(portal("un_comtrade").token)}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running() as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def polite(client: httpx.Client, path: str, query: dict[str, str]) -> tuple[httpx.Response, int]:
    """The portal's answer after waiting as told, and how often it said 429."""
    refusals = 0
    while True:
        answer = client.get(f"{EXIM}/{path}", params=query, headers=EXIM_TOKEN)
        if answer.status_code != 429:
            return answer, refusals
        assert answer.headers["Retry-After"] == "1"
        refusals += 1
        time.sleep(1)


def all_authorisations(client: httpx.Client, kind: str, **params: str) -> tuple[list[Any], int]:
    """Every record in the portal's order, and how often the portal said 429 on the way."""
    records: list[Any] = []
    refused = 0
    query = {"limit": "500", **params}
    while True:
        answer, refusals = polite(client, kind, query)
        page = answer.raise_for_status().json()
        records += page["data"]
        refused += refusals
        if page["next_cursor"] is None:
            assert page["total"] == len(records)
            return records, refused
        query["cursor"] = page["next_cursor"]


def test_export_authorisations_add_up_to_the_published_totals(client: httpx.Client) -> None:
    records, refusals = all_authorisations(client, "export-authorisations")
    assert refusals >= 1
    assert len(records) == len({record["authorisation_id"] for record in records}) == 3_269
    published = {
        ("2023-04-01", "2024-04-01"): (1_507, 5_874, 15_209),
        ("2024-04-01", "2025-04-01"): (1_762, 8_389, 15_233),
    }
    for (start, end), (count, dpsu, private) in published.items():
        year = [record for record in records if start <= record["issued_on"] < end]
        value: Counter[str] = Counter()
        for record in year:
            value[record["exporter_type"]] += record["value_inr"]
        assert len(year) == count
        assert value == {"dpsu": dpsu * 10_000_000, "private": private * 10_000_000}
    # 5,874 + 15,209 = 21,083 and 8,389 + 15,233 = 23,622 crore: the published totals
    categories = {f"ML{number}" for number in range(1, 23)}
    assert {record["munitions_category"] for record in records} == categories
    assert {record["scomet_code"] for record in records} == {f"6A{n:03d}" for n in range(1, 23)}
    assert all(record["is_sample"] is True and record["value_inr"] > 0 for record in records)


def test_import_authorisations_are_fictional_and_marked(client: httpx.Client) -> None:
    records, _ = all_authorisations(client, "import-authorisations")
    assert len({record["authorisation_id"] for record in records}) == 420
    companies = {*PRIVATE_COMPANIES, *PUBLIC_UNDERTAKINGS}
    assert {record["importer_name"] for record in records} <= companies
    assert all(record["is_sample"] is True for record in records)


def test_updated_since_gives_what_changed_after_and_nothing_more(client: httpx.Client) -> None:
    records, _ = all_authorisations(client, "export-authorisations")
    moments = [record["updated_at"] for record in records]
    assert moments == sorted(moments)
    since = "2025-01-01T05:30:00+05:30"  # midnight UTC
    changed, _ = all_authorisations(client, "export-authorisations", updated_since=since)
    expected = [record for record in records if record["updated_at"] > "2025-01-01T00:00:00Z"]
    assert changed == expected
    assert {record["status"] for record in changed} == {"issued", "amended", "expired"}
    assert all_authorisations(client, "export-authorisations", updated_since=moments[-1])[0] == []


def test_exim_refuses_a_wrong_token_and_a_cursor_it_never_gave(client: httpx.Client) -> None:
    answer = client.get(f"{EXIM}/export-authorisations", headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="defence-exim"'
    for query in ({"cursor": "nonsense"}, {"updated_since": "yesterday"}, {"limit": "501"}):
        answer, _ = polite(client, "import-authorisations", query)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")


def test_the_rate_limit_admits_five_then_pauses_one_second() -> None:
    now = 0.0
    limit = RateLimit(clock=lambda: now)
    assert [limit.admits() for _ in range(6)] == [True] * 5 + [False]
    now = 0.9
    assert not limit.admits()
    now = 1.0
    assert [limit.admits() for _ in range(6)] == [True] * 5 + [False]
    now = 11.0
    assert limit.admits()


def test_a_registry_request_without_token_is_refused_in_json(client: httpx.Client) -> None:
    answer = client.get(DEEP, headers={"X-Api-Token": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"


def test_the_demo_key_gives_ten_records_and_a_wrong_key_none(client: httpx.Client) -> None:
    demo = {"api-key": DEMO_KEY, "limit": "100"}
    assert client.get(PRODUCTION, params=demo).json()["count"] == 10
    refused = client.get(PRODUCTION, params={"api-key": "wrong"})
    assert (refused.status_code, refused.json()) == (403, {"error": "Key not authorised"})


def test_the_world_bank_pages_its_series_newest_first(client: httpx.Client) -> None:
    years: list[str] = []
    for page, count in ((1, 6), (2, 6), (3, 3), (4, 0)):
        query = {"format": "json", "per_page": "6", "page": str(page)}
        head, values = client.get(RATE, params=query).json()
        assert (head["page"], head["pages"], head["total"], len(values)) == (page, 3, 15, count)
        years += [value["date"] for value in values]
    assert years == [str(year) for year in range(2024, 2009, -1)]
    _, (value,) = client.get(RATE, params={"format": "json", "date": "2020"}).json()
    assert (value["countryiso3code"], value["value"]) == ("IND", 74.1)


def test_a_bad_indicator_is_told_in_a_one_element_array(client: httpx.Client) -> None:
    answer = client.get(RATE + "X", params={"format": "json"})
    assert answer.status_code == 200
    assert answer.json()[0]["message"][0]["id"] == "120"


def test_trade_with_the_world_is_the_sum_of_the_partners(client: httpx.Client) -> None:
    query = {"reporterCode": "699", "period": "2022,2023", "cmdCode": "93", "flowCode": "X,M"}
    answer = client.get(TRADE, params=query, headers=TRADE_TOKEN).json()
    # 10 export and 7 import partners and the world, in two years: 2 x (11 + 8)
    assert answer["count"] == len(answer["data"]) == 38
    assert all(record["is_sample"] is True for record in answer["data"])
    for flow, period in (("X", "2022"), ("X", "2023"), ("M", "2022"), ("M", "2023")):
        values = {
            record["partnerCode"]: record["primaryValue"]
            for record in answer["data"]
            if (record["flowCode"], record["period"]) == (flow, period)
        }
        assert values.pop(0) == sum(values.values()) > 0
    assert client.get(TRADE, params=query).status_code == 401
    assert client.get(TRADE, headers=TRADE_TOKEN).status_code == 400


@pytest.mark.parametrize("path", CONDITIONAL)
def test_what_the_client_holds_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for known in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        again = client.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
    other = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert client.get(path, headers=other).status_code == 200


def test_two_starts_serve_the_same_bytes() -> None:
    paths = [
        *CONDITIONAL,
        DEEP,
        "/srijan/items",
        f"{PRODUCTION}?api-key={DEMO_KEY}",
        f"{EXIM}/export-authorisations?limit=500",
    ]
    headers = {"Host": "portals.example", **DEEP_TOKEN, **EXIM_TOKEN}
    starts = []
    for _ in range(2):
        with running() as url:
            answers = [httpx.get(url + path, headers=headers) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        starts.append([answer.content for answer in answers])
    assert starts[0] == starts[1]


@pytest.mark.parametrize("path", [*CONDITIONAL, DEEP, "/srijan/items", PRODUCTION, RATE, TRADE])
def test_nothing_can_be_posted_to_a_portal(client: httpx.Client, path: str) -> None:
    assert client.post(path, json={}).status_code == 405


def test_an_armed_fault_strikes_as_often_as_told_and_only_its_portal(client: httpx.Client) -> None:
    fault = {"portal": "srijan", "status": 503, "times": 2, "retry_after": 7}
    assert client.post("/_faults", json=[fault]).status_code == 200
    assert client.get(FEED).status_code == 200
    struck = [client.get("/srijan/items") for _ in range(3)]
    assert [answer.status_code for answer in struck] == [503, 503, 200]
    assert [answer.headers.get("Retry-After") for answer in struck] == ["7", "7", None]
    assert client.post("/_faults", json=[{"portal": "none", "status": 500}]).status_code == 422
    assert client.get("/_faults").json() == []


def test_a_fault_is_armed_by_name_and_may_let_requests_pass_first(client: httpx.Client) -> None:
    faults = [
        {"portal": "srijan", "fault": "total_changed", "skip": 1},
        {"portal": "press", "fault": "cut_short"},
        {"portal": "partnership_days", "fault": "cookie_wall"},
    ]
    client.post("/_faults", json=faults).raise_for_status()
    totals = [client.get("/srijan/items").text.count("Total items: 72") for _ in range(3)]
    assert totals == [0, 1, 0]  # 71 items
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(FEED)
    options = "/partnership-days/exports/options.csv"
    answer = client.get(options)
    assert (answer.status_code, answer.headers["Location"]) == (302, options)
    assert [client.get(path).status_code for path in (options, FEED)] == [200, 200]
    unknown = client.post("/_faults", json=[{"portal": "srijan", "fault": "none"}])
    assert unknown.status_code == 422
    assert "known: always_304, " in unknown.text
    client.cookies.clear()


def test_faults_are_armed_from_this_machine_only() -> None:
    def asked_from(client: tuple[str, int] | None) -> Request:
        return Request({"type": "http", "client": client})

    assert all(is_from_loopback(asked_from((host, 1))) for host in ("127.0.0.1", "::1"))
    others = [("10.0.0.1", 1), ("172.18.0.3", 1), ("localhost.example", 1), None]
    assert not any(is_from_loopback(asked_from(client)) for client in others)


def test_starting_up_loads_nothing_heavy() -> None:
    light = "import sys, portals.registry; assert 'fastapi' not in sys.modules"
    app = "import sys, portals.app; assert not {'openpyxl', 'pandas', 'lxml'} & set(sys.modules)"
    for program in (light, app):
        subprocess.run([sys.executable, "-c", program], check=True)
