"""Data quality gates: suites of rules run by Great Expectations, outcomes kept in the ledger."""

from utpadan.quality.gate import audit, identity
from utpadan.quality.outcome import AuditResult, GateFailed, Outcome
from utpadan.quality.suite import Rule, Suite, SuiteError, load_suite

__all__ = [
    "AuditResult",
    "GateFailed",
    "Outcome",
    "Rule",
    "Suite",
    "SuiteError",
    "audit",
    "identity",
    "load_suite",
]
