"""What the code says when something goes wrong: the words of every `raise`, from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = 3
"""Somebody who looks for a message types so many words of it."""


@dataclass(frozen=True)
class Raised:
    """One `raise`: where it stands, and the pieces of its message between values.

    There are none when it hands on the words of another error.
    """

    place: str
    pieces: frozenset[str]

    def is_findable_in(self, words: str) -> bool:
        """Whether a page of these words has three words of a piece in a row."""
        return any(run in words for piece in self.pieces for run in _runs(piece))


def plain_words(text: str) -> str:
    """The words of a text, each as it would be typed, with one blank between."""
    return " ".join(word for word in map(_typed, text.split()) if word)


def raised(path: Path) -> Iterator[Raised]:
    """Every error that a module makes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict(_assigned(tree.body))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            named = constants | dict(_assigned(ast.walk(function)))
            for node in ast.walk(function):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                    pieces = frozenset(_pieces(node.exc, named))
                    yield Raised(f"{path.name}:{node.lineno}", pieces)


def _assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from ((name.id, node.value) for name in names if isinstance(name, ast.Name))


def _pieces(node: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    """The texts of an expression, and of the names in it that were given a text."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield from filter(_runs, map(plain_words, re.split(r"[;:`]", part.value)))
        elif isinstance(part, ast.Name) and part.id in named:
            yield from _pieces(named[part.id], {})


def _runs(piece: str) -> list[str]:
    words = piece.split()
    return [" ".join(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)]


def _typed(word: str) -> str:
    return word.strip("`·,.;:()<>|…'\"?").lower()
