"""Pictures of the keys: for each subject its marts, and the marts they point to, as SVG.

Left the marts of the subject that point to others, each with a line for each key; right what the
keys name. `dim_source_document` is left out: every fact points to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from utpadan.transform.keys import Mart

LEFT_OUT = "dim_source_document"
_ROW, _GAP, _MARGIN = 18, 14, 12
_WIDTH, _BETWEEN = 320, 260
_COLOURS = ("#1f5f8b", "#b3541e", "#3b7a3b", "#7a3b7a", "#8a6d1b", "#a03048", "#2f7f7f", "#555577")
_STYLE = (
    "text{font:12px Verdana,Geneva,sans-serif;fill:#222}.name{font-weight:bold;fill:#fff}"
    ".box{fill:#fff;stroke:#8a8f98}.line{fill:none;stroke-width:1.4}"
)


@dataclass(frozen=True)
class Box:
    """A table in the picture; `rows` are its key columns, the first row's middle is at `y`."""

    name: str
    rows: tuple[str, ...]
    x: int
    top: int

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.top + _ROW * (len(self.rows) + 1)

    def middle(self, row: str) -> int:
        """The height of the middle of a row."""
        return self.top + _ROW * (self.rows.index(row) + 1) + _ROW // 2


def draw(subject: str, marts: Sequence[Mart]) -> str | None:
    """The picture of a subject; None when none of its marts points to another."""
    by_name = {mart.name: mart for mart in marts}
    pointing = [mart for mart in marts if mart.subject == subject and any(_edges(mart))]
    if not pointing:
        return None
    left = _pointing_boxes(pointing)
    heights = _heights(pointing, left)
    right = _named_boxes(
        [by_name[name] for name in sorted(heights, key=heights.__getitem__)], heights
    )
    return _svg(subject, pointing, left, right)


def _edges(mart: Mart) -> Iterator[tuple[str, str]]:
    """Key columns as shown, and the mart they name."""
    for key in mart.foreign_keys:
        if key.mart != LEFT_OUT:
            yield ", ".join(key.columns), key.mart


def _pointing_boxes(marts: Sequence[Mart]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    top = _MARGIN
    for mart in marts:
        boxes[mart.name] = Box(mart.name, tuple(row for row, _ in _edges(mart)), _MARGIN, top)
        top = boxes[mart.name].bottom + _GAP
    return boxes


def _named_boxes(marts: Sequence[Mart], heights: Mapping[str, float]) -> dict[str, Box]:
    """Each as near to its height as the ones above leave it."""
    boxes: dict[str, Box] = {}
    lowest = _MARGIN
    for mart in marts:
        top = max(lowest, round(heights[mart.name]) - _ROW - _ROW // 2)
        key = (", ".join(mart.primary_key),)
        boxes[mart.name] = Box(mart.name, key, _MARGIN + _WIDTH + _BETWEEN, top)
        lowest = boxes[mart.name].bottom + _GAP
    return boxes


def _heights(pointing: Sequence[Mart], left: Mapping[str, Box]) -> dict[str, float]:
    """For each mart that is named the mean height of the rows that name it."""
    rows: dict[str, list[int]] = {}
    for mart in pointing:
        for row, named in _edges(mart):
            rows.setdefault(named, []).append(left[mart.name].middle(row))
    return {name: sum(heights) / len(heights) for name, heights in rows.items()}


def _svg(
    subject: str, pointing: Sequence[Mart], left: Mapping[str, Box], right: Mapping[str, Box]
) -> str:
    colours = {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(right)}
    boxes = [*left.values(), *right.values()]
    height = max(box.bottom for box in boxes) + _MARGIN
    width = 2 * _WIDTH + _BETWEEN + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Keys of the marts of {subject}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for mart in pointing:
        for row, named in _edges(mart):
            start, target = left[mart.name], right[named]
            parts.append(_line(start, row, target, colours[named]))
    for box in boxes:
        parts += _table(box, colours.get(box.name, "#444b55") if box.x > _WIDTH else "#444b55")
    return "\n".join([*parts, "</svg>", ""])


def _line(start: Box, row: str, target: Box, colour: str) -> str:
    x1, y1 = start.x + _WIDTH, start.middle(row)
    x2, y2 = target.x, target.middle(target.rows[0])
    bend = _BETWEEN // 2
    path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path class="line" stroke="{colour}" d="{path}"/>'


def _table(box: Box, colour: str) -> Iterator[str]:
    height = box.bottom - box.top
    yield f'<rect class="box" x="{box.x}" y="{box.top}" width="{_WIDTH}" height="{height}"/>'
    yield f'<rect x="{box.x}" y="{box.top}" width="{_WIDTH}" height="{_ROW}" fill="{colour}"/>'
    yield f'<text class="name" x="{box.x + 6}" y="{box.top + 13}">{escape(box.name)}</text>'
    for row in box.rows:
        yield f'<text x="{box.x + 6}" y="{box.middle(row) + 4}">{escape(row)}</text>'
