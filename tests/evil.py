"""Texts that try to be more: SQL, paths, formats, shell, markup, templates, formulas."""

from __future__ import annotations

EVIL = (
    'x"; drop table ops.load; --',
    "x'); drop table ops.load; --",
    "$$; drop table ops.load; $$",
    "../../../etc/passwd",
    "a%s{b}%(c)s{0.__class__}",
    "$(touch touched) `touch touched`",
    "[red]x[/red] [link=file:///etc/passwd]y[/link]",
    "<script>alert(1)</script>",
    "{{ env_var('HOME') }}{% raw %}}}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\\",
    "_line",
    "_fault",
    "ctid",
)
