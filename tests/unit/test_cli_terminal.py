"""What the command line prints of data is text, whatever a terminal would make of it."""

from __future__ import annotations

import io

from rich.markup import escape

from utpadan.cli.app import Terminal


def test_a_cell_cannot_command_the_terminal() -> None:
    printed = io.StringIO()
    screen = Terminal(file=printed, force_terminal=True, highlight=False, soft_wrap=True)
    cell = "\x1b]0;owned\x1b[2J\u202e\x9b[red]x"
    screen.print(f"[bold]line 2[/bold]: {escape(cell)}")
    assert printed.getvalue() == ("\x1b[1mline 2\x1b[0m: \\x1b]0;owned\\x1b[2J\\u202e\\x9b[red]x\n")
