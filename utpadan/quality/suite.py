"""The suites of `expectations/<boundary>/<name>.yml`: rules a domain expert can read, validated.

A suite has a title, an owner and rules. A rule is a sentence with its reason, the table it is
about, and the test of it: either a Great Expectations expectation by its own name (`expect`,
`kwargs`, on the rows that satisfy `where`), or a query of the rows that break the rule
(`unexpected_rows`). A query names tables alone, without schema: in staging a name means the
current rows without personal columns, in the marts the table of the release under test.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]

RULE_SAYS_IT = {
    "catch_exceptions",
    "condition_parser",
    "description",
    "id",
    "meta",
    "notes",
    "result_format",
    "row_condition",
    "severity",
}
"""Arguments of every expectation that a rule states itself or that a gate must not change."""

BROKEN = {
    "expect_compound_columns_to_be_unique": (
        "sends SQL that Postgres refuses; use unexpected_rows with "
        "`select <columns> from <table> group by <columns> having count(*) > 1`"
    ),
}


class SuiteError(ValueError):
    """A suite that cannot be used; the message names file, line, field, cause and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """One rule. `id` is its name for good: the age of a failure is counted by it.

    A `brake` stops what is unusual and may yet be right: volumes, shares, rates. A person may
    accept it with a reason, where every other error has to be mended.
    """

    id: Identifier
    rule: str = Field(min_length=20)
    table: Identifier
    severity: Literal["error", "warning"]
    brake: bool = False
    owner: str | None = Field(default=None, min_length=3)
    where: str | None = Field(default=None, min_length=3)
    expect: str | None = None
    kwargs: Mapping[str, Any] = {}
    unexpected_rows: str | None = Field(default=None, min_length=10)

    @model_validator(mode="after")
    def _has_one_test(self) -> Rule:
        if (self.expect is None) == (self.unexpected_rows is None):
            raise ValueError("a rule has either `expect` or `unexpected_rows`")
        if self.expect is None and (self.kwargs or self.where):
            raise ValueError("`kwargs` and `where` go with `expect`; a query says it all itself")
        if self.brake and (self.severity != "error" or self.unexpected_rows is None):
            raise ValueError("a brake is an error with `unexpected_rows`: those are accepted")
        if self.expect in BROKEN:
            raise ValueError(f"{self.expect} {BROKEN[self.expect]}")
        stated = sorted(RULE_SAYS_IT & set(self.kwargs))
        if stated:
            raise ValueError(f"kwargs: `{stated[0]}` is not set here, the rule itself states it")
        return self

    @model_validator(mode="after")
    def _sql_stays_in_bounds(self) -> Rule:
        schema = re.search(r"\b(landing|staging|marts_next)\s*\.", self.sql)
        if schema:
            raise ValueError(
                f"name tables alone, without `{schema.group(1)}.`: "
                "a rule sees the rows under test, and no personal column"
            )
        if self.unexpected_rows and not re.match(r"\s*(select|with)\s", self.sql, re.IGNORECASE):
            raise ValueError("unexpected_rows is one query, beginning with `select` or `with`")
        return self

    @property
    def sql(self) -> str:
        """The SQL the rule was written with: its query, or the condition on its rows."""
        return (self.unexpected_rows or self.where or "").strip().rstrip(";")

    @property
    def words(self) -> frozenset[str]:
        """Every word of the rule that can name a table."""
        return frozenset(re.findall(r"[a-z][a-z0-9_]*", f"{self.table} {self.sql}"))

    @property
    def test(self) -> str:
        """The test in one text: the query, or the expectation with its arguments."""
        if self.expect is None:
            return self.sql
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.kwargs.items())
        return f"{self.expect}({arguments})" + (f" where {self.where}" if self.where else "")


class Suite(_Part):
    """All rules of one domain's staging or one subject's marts."""

    boundary: Literal["staging", "marts"]
    name: Identifier
    path: Path
    sha256: str
    title: str = Field(min_length=5)
    owner: str = Field(min_length=3)
    rules: tuple[Rule, ...] = Field(min_length=1)

    @property
    def label(self) -> str:
        """How people and commands call the suite: `staging/vendor_registry`."""
        return f"{self.boundary}/{self.name}"

    @property
    def words(self) -> frozenset[str]:
        """Every word that can name a table in any rule."""
        return frozenset().union(*(rule.words for rule in self.rules))

    def label_of(self, rule: Rule) -> str:
        """How people and commands call a rule: `staging/vendor_registry/the_rule`."""
        return f"{self.label}/{rule.id}"

    def owner_of(self, rule: Rule) -> str:
        """Who answers for the rule: its own owner, or the suite's."""
        return rule.owner or self.owner

    def error(self, rule: Rule, issues: list[tuple[tuple[str | int, ...], str]]) -> SuiteError:
        """A SuiteError for a rule: (place in the rule, message) pairs, with their lines."""
        place = ("rules", self.rules.index(rule))
        text = self.path.read_text(encoding="utf-8")
        return _error(self.path, text, [((*place, *within), why) for within, why in issues])


def load_suite(path: Path) -> Suite:
    """Read and validate one suite; boundary, name and sha256 are its folder's and its file's.

    Raises SuiteError. The names and arguments of expectations are checked when the suite is
    compiled (`utpadan.quality.expectations.compile_suite`), which needs Great Expectations.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SuiteError(f"{path}: {error.strerror}; a gate needs its suite") from error
    place = {
        "boundary": path.parent.name,
        "name": path.stem,
        "path": path,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    try:
        tree = yaml.load(text, Loader=_UniqueKeys)  # nosec B506 # a SafeLoader
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: {error}") from error
    if not isinstance(tree, dict):
        raise SuiteError(f"{path}:1: a suite is a mapping with title, owner and rules")
    taken = sorted(place.keys() & tree.keys())
    if taken:
        raise SuiteError(f"{path}: `{taken[0]}` is told by the path, it is not written in the file")
    try:
        suite = Suite.model_validate({**place, **tree})
    except ValidationError as error:
        issues = [(issue["loc"], issue["msg"]) for issue in error.errors()]
        raise _error(path, text, issues) from error
    ids = Counter(rule.id for rule in suite.rules)
    for rule in suite.rules[::-1]:
        if ids[rule.id] > 1:
            raise suite.error(rule, [(("id",), f"another rule has the id {rule.id!r} too")])
    return suite


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, where the plain loader keeps the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value)
        for key, _ in node.value:
            if keys[key.value] > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is written twice", key.start_mark
                )
        return super().construct_mapping(node, deep)


def _error(path: Path, text: str, issues: list[tuple[tuple[str | int, ...], str]]) -> SuiteError:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = []
    for place, message in issues:
        field = ".".join(str(part) for part in place) or "suite"
        lines.append(f"{path}:{_line(root, place)}: {field}: {message}")
    return SuiteError("\n".join(lines))


def _line(node: yaml.Node | None, place: tuple[str | int, ...]) -> int:
    line = 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
