"""The parts of docs/model.md that follow from the models, and its pictures of the keys.

`write_model_page()` rewrites what stands between `<!-- derived: NAME -->` and `<!-- end -->`; the
rest of the page is written by hand. `python -m utpadan.transform.model_page` does it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from utpadan.source import CHECKOUT
from utpadan.transform.diagram import LEFT_OUT, draw
from utpadan.transform.keys import Mart, read_marts, read_metrics

PAGE = CHECKOUT / "docs" / "model.md"
PICTURES = CHECKOUT / "docs" / "model"

SUBJECTS = ("production", "exports", "policy", "vendors", "innovation", "engagement")
"""In the order of the page; `reference`, which all share, and any other come after."""

_PART = re.compile(r"(<!-- derived: (\w+) -->\n).*?(<!-- end -->)", re.S)


def derived_files(project: Path) -> dict[Path, str]:
    """The page and its pictures as they should be: path → text."""
    marts = read_marts(project)
    subjects = [name for name in _subjects(marts) if any(mart.subject == name for mart in marts)]
    pictures = {subject: draw(subject, marts) for subject in subjects}
    parts = {
        "matrix": _matrix(marts, subjects),
        "marts": _marts(marts, subjects),
        "keys": _keys([subject for subject, picture in pictures.items() if picture]),
        "metrics": _metrics(project),
    }
    page = _PART.sub(
        lambda part: f"{part[1]}\n" + "\n".join(parts[part[2]]) + f"\n\n{part[3]}",
        PAGE.read_text(encoding="utf-8"),
    )
    drawn = {PICTURES / f"{name}.svg": text for name, text in pictures.items() if text}
    return {PAGE: page, **drawn}


def write_model_page(project: Path) -> None:
    """Bring the page and its pictures up to date, and delete pictures of subjects that are gone."""
    files = derived_files(project)
    PICTURES.mkdir(exist_ok=True)
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for picture in PICTURES.glob("*.svg"):
        if picture not in files:
            picture.unlink()


def _subjects(marts: Sequence[Mart]) -> list[str]:
    named = {mart.subject for mart in marts}
    return [*SUBJECTS, *sorted(named - {*SUBJECTS, "reference"}), "reference"]


def _matrix(marts: Sequence[Mart], subjects: Sequence[str]) -> Iterator[str]:
    """Rows: the marts that point to a conformed dimension; columns: those dimensions."""
    conformed = _conformed(marts)
    yield "| mart | " + " | ".join(name.removeprefix("dim_") for name in conformed) + " |"
    yield "|---|" + ":-:|" * len(conformed)
    for subject in subjects:
        rows = [m for m in marts if m.subject == subject and not m.name.startswith("dim_")]
        pointing = [mart for mart in rows if any(mart.points_to(name) for name in conformed)]
        if pointing:
            yield f"| **{subject}** |" + " |" * len(conformed)
        for mart in pointing:
            cells = ("●" if mart.points_to(name) else "" for name in conformed)
            yield f"| `{mart.name}` | " + " | ".join(cells) + " |"


def _conformed(marts: Sequence[Mart]) -> list[str]:
    """The dimensions of `reference` or to which several subjects point, the most used first."""
    uses = Counter(name for mart in marts for name in {key.mart for key in mart.foreign_keys})
    pairs = {(key.mart, mart.subject) for mart in marts for key in mart.foreign_keys}
    subjects = Counter(name for name, _ in pairs)
    reference = {mart.name for mart in marts if mart.subject == "reference"}
    shared = {name for name, count in subjects.items() if count > 1 or name in reference}
    dimensions = (name for name in shared if name.startswith("dim_"))
    return sorted(dimensions, key=lambda name: (-uses[name], name))


def _marts(marts: Sequence[Mart], subjects: Sequence[str]) -> Iterator[str]:
    for number, subject in enumerate(subjects):
        yield f"{'' if number == 0 else chr(10)}### {subject.capitalize()}\n"
        yield "| mart | grain |"
        yield "|---|---|"
        for mart in marts:
            if mart.subject == subject:
                yield f"| [`{mart.name}`](../{mart.file.relative_to(CHECKOUT)}) | {mart.grain} |"


def _keys(subjects: Sequence[str]) -> Iterator[str]:
    yield f"Every fact points to `{LEFT_OUT}` as well, which the pictures leave out."
    for subject in subjects:
        yield f"\n![Keys of the marts of {subject}](model/{subject}.svg)"


def _metrics(project: Path) -> Iterator[str]:
    yield "| metric | unit | is |"
    yield "|---|---|---|"
    for metric in read_metrics(project):
        yield f"| `{metric.name}` | {metric.unit} | {metric.description} |"


if __name__ == "__main__":
    write_model_page(CHECKOUT / "dbt_project")
