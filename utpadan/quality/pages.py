"""Data Docs: a folder of Great Expectations pages for each suite, and one page over all of them.

A suite's folder is `<docs>/<boundary>/<suite>/` and shows its latest run only. `<docs>/index.html`
needs no network to be read; it is put together from the section each suite left in its folder.
"""

from __future__ import annotations

import fcntl
import html
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from utpadan.quality.outcome import Outcome
from utpadan.quality.suite import Suite
from utpadan.scratch import scratch

SECTION = "section.html"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Utpadan: data quality</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ border-top: 1px solid #ccc; padding: .3rem .6rem; text-align: left; }}
td {{ vertical-align: top; }}
.suite > summary {{ border-top: 1px solid #ccc; padding: .6rem; cursor: pointer; }}
.suite > summary span {{ float: right; }}
.error {{ background: #fbdcdc; }} .warning {{ background: #fdf3cf; }} small {{ color: #555; }}
</style></head><body><h1>Data quality: the latest run of every suite</h1>
{sections}
</body></html>
"""


@contextmanager
def replacing(docs: Path | None, suite: Suite) -> Iterator[Path | None]:
    """An empty folder for the suite's pages, which takes the place of the old one at the end."""
    if docs is None:
        yield None
        return
    final = docs / suite.boundary / suite.name
    final.parent.mkdir(parents=True, exist_ok=True)
    with scratch(docs / ".scratch") as work:
        fresh = work / "fresh"
        fresh.mkdir()
        yield fresh
        with _alone(docs):
            if final.exists():
                final.rename(work / "old")
            fresh.rename(final)


def write_index(docs: Path, suite: Suite, outcomes: tuple[Outcome, ...]) -> Path:
    """Leave the suite's section in its folder and rewrite the page over all suites."""
    index = docs / "index.html"
    with _alone(docs):
        section = docs / suite.boundary / suite.name / SECTION
        section.write_text(_section(suite, outcomes), encoding="utf-8")
        sections = sorted(docs.glob(f"[!.]*/*/{SECTION}"))
        text = "\n".join(path.read_text(encoding="utf-8") for path in sections)
        fresh = index.with_suffix(".new")
        fresh.write_text(PAGE.format(sections=text), encoding="utf-8")
        fresh.replace(index)
    return index


@contextmanager
def _alone(docs: Path) -> Iterator[None]:
    """One writer at a time: the gates of several domains may end together."""
    with (docs / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _section(suite: Suite, outcomes: tuple[Outcome, ...]) -> str:
    rows = "\n".join(_row(outcome) for outcome in outcomes)
    link = f"{suite.boundary}/{suite.name}/index.html"
    held = sum(outcome.success for outcome in outcomes)
    worst = max((_kind(outcome) for outcome in outcomes), key=("", "warning", "error").index)
    return (
        f'<details class="suite" {"open" if worst else ""}><summary class="{worst}">'
        f"<b>{html.escape(suite.title)}</b> <small>{suite.label}, checked "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC</small> "
        f"<span>{held} of {len(outcomes)} rules hold</span></summary>\n"
        f'<p><a href="{link}">as Great Expectations shows it</a></p>\n'
        "<table><tr><th>rule<th>table<th>outcome<th>answers for it</tr>\n"
        f"{rows}\n</table></details>"
    )


def _kind(outcome: Outcome) -> str:
    return "" if outcome.success else "error" if outcome.blocks else "warning"


def _row(outcome: Outcome) -> str:
    rule = outcome.rule
    kind = _kind(outcome)
    said = "holds" if outcome.success else f"<b>{kind}</b>: {html.escape(outcome.found)}"
    if outcome.acceptance:
        said += f"<br>{html.escape(str(outcome.acceptance))}"
    if outcome.failing_since:
        said += f"<br><small>since {outcome.failing_since:%Y-%m-%d}</small>"
    return (
        f'<tr class="{kind}"><td>{html.escape(rule.rule)}<details><summary><small>{rule.id}, '
        f"{rule.severity}</small></summary><pre>{html.escape(rule.test)}</pre></details>"
        f"<td>{rule.table}<td>{said}<td>{html.escape(outcome.owner)}</tr>"
    )
