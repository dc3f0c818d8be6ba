"""The sheets of the policy compendium: which table of `data/` each shows, under which headers."""

from collections.abc import Mapping
from typing import NamedTuple

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
