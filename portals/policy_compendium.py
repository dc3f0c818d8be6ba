"""The policy compendium: one XLSX workbook with title rows, merged group headers and a footer."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portals.data import last_modified, path_of
from portals.web import conditional, html_error, portal_app

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Group = tuple[str, Mapping[str, str]]


class Sheet(NamedTuple):
    """One sheet: its name, the table of `data/` it shows, its headers by column, in groups."""

    name: str
    table: str
    title: str
    groups: tuple[Group, ...]


_SOURCE: Group = (
    "Where it is stated",
    {
        "stated_as": "Stated as",
        "source_url": "Source URL",
        "published_on": "Published on",
        "source_kind": "Kind of source",
    },
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "Policies",
        "state_policy/policies",
        "Aerospace and defence policies of states and union territories",
        (
            (
                "Policy",
                {
                    "policy_id": "Policy ID",
                    "state_code": "State code",
                    "title": "Title of the policy",
                    "version": "Version",
                    "status": "Status",
                    "supersedes": "Supersedes policy",
                },
            ),
            (
                "Dates",
                {
                    "approved_on": "Approved on",
                    "notified_on": "Notified on",
                    "effective_from": "Effective from",
                    "effective_to": "Effective to",
                    "validity_years": "Validity (years)",
                },
            ),
            (
                "Scope and targets",
                {
                    "sector_scope": "Sector scope",
                    "nodal_agency": "Nodal agency",
                    "target_investment_crore": "Target investment (₹ crore)",
                    "target_investment_usd_million": "Target investment (US$ million)",
                    "target_jobs": "Target jobs",
                    "note": "Note",
                },
            ),
            _SOURCE,
        ),
    ),
    Sheet(
        "Incentives",
        "state_policy/incentives",
        "Incentives under the policies",
        (
            (
                "Incentive",
                {
                    "incentive_id": "Incentive ID",
                    "policy_id": "Policy ID",
                    "incentive_type": "Type of incentive",
                    "unit_category": "Unit category",
                    "zone": "Zone",
                },
            ),
            (
                "Rate and cap",
                {
                    "rate_percent": "Rate (%)",
                    "rate_percent_max": "Rate up to (%)",
                    "rate_other": "Other rate",
                    "cap_crore": "Cap (₹ crore)",
                    "cap_basis": "Cap basis",
                    "period_years": "Period (years)",
                    "base": "Base",
                    "conditions": "Conditions",
                },
            ),
            _SOURCE,
        ),
    ),
    Sheet(
        "Project classes",
        "state_policy/policy_project_classes",
        "Classes of projects by investment and jobs",
        (
            (
                "Class",
                {
                    "policy_id": "Policy ID",
                    "project_class": "Project class",
                    "sector": "Sector",
                },
            ),
            (
                "Thresholds",
                {
                    "min_investment_crore": "Minimum investment (₹ crore)",
                    "max_investment_crore": "Maximum investment (₹ crore)",
                    "min_jobs": "Minimum jobs",
                    "investment_period_years": "Investment period (years)",
                },
            ),
            _SOURCE,
        ),
    ),
)


def app() -> Starlette:
    """The portal, to be mounted."""
    return portal_app([Route("/state-policies.xlsx", _workbook)], html_error)


@cache
def workbook_bytes() -> bytes:
    """The workbook; the same facts give the same bytes."""
    from portals.workbook import build  # openpyxl takes a third of a second to import

    return build(SHEETS)


def _workbook(request: Request) -> Response:
    modified = last_modified(*(path_of(sheet.table) for sheet in SHEETS))
    name = {"Content-Disposition": 'attachment; filename="state-policies.xlsx"'}
    return conditional(request, workbook_bytes(), MEDIA_TYPE, modified, headers=name)
