"""The questions of the cookbook as dbt exposures: what reads which mart, derived from their SQL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

_TABLE = re.compile(r"\bmarts\.(\w+)")


def cookbook_exposures(cookbook: Path) -> str | None:
    """dbt properties with one exposure a file of the folder; None when there is none.

    The first line of a file is its question: `-- How much …?`
    """
    questions = sorted(cookbook.glob("*.sql"))
    if not questions:
        return None
    properties = {"exposures": [_exposure(path) for path in questions]}
    dumped = yaml.safe_dump(properties, sort_keys=False, allow_unicode=True, width=100)
    return f"# Derived from sql/cookbook by utpadan/transform/exposures.py.\n{dumped}"


def _exposure(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    question = text.splitlines()[0].removeprefix("--").strip()
    return {
        "name": f"cookbook_{path.stem}",
        "label": question,
        "description": f"{question} sql/cookbook/{path.name}",
        "type": "analysis",
        "owner": {"name": "Analysts"},
        "depends_on": [f"ref('{table}')" for table in sorted(set(_TABLE.findall(text)))],
    }
