"""The rule that guards the screen finds what it is for, and leaves finished content alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plain_rule import findings

MENDS = {
    "a name in a label": "def f(p: Patient): yield Label(p.name)",
    "a sentence with a name": "def f(n: str): yield Static(f'Dear {n}')",
    "a formatted sentence": "def f(n: str): yield Static('Dear {}'.format(n))",
    "a toast": "def f(self, e: StoreError): self.notify(str(e))",
    "a toast's message by name": "def f(self, e: Exception): self.notify(message=str(e))",
    "a table's cell": "def f(t: T, rows: list[Row]):\n  for r in rows: t.add_row(r.mrn, 'x')",
    "a row unpacked": "def f(t: DataTable, row: list[str]): t.add_row(*row)",
    "a changed cell": "def f(t: DataTable, n: str): t.update_cell('r', 'c', n)",
    "a border": "def f(self, n: str): self.border_title = f'Queue of {n}'",
    "a tooltip": "def f(self, n: str): yield Button('Go', tooltip=n)",
    "an update": "def f(self, n: str): self.query_one('#a', Label).update(n)",
    "an update of itself": "class A(Static):\n  def f(self, n: str): self.update(n)",
    "a parent's start": "class A(Static):\n  def __init__(self, n: str): super().__init__(n)",
    "a name on the way": "def f(p: Patient):\n  t = p.name\n  yield Label(t)",
    "content made by hand": "def f(n: str): yield Label(Content(n))",
    "markup made by hand": "def f(n: str): return Content.from_markup(f'[b]{n}')",
    "a template with data": "def f(n: str): return content(f'[b]{n}')",
    "content become text": "def f(n: str): yield Label(f'{plain(n)}')",
    "joined text": "def f(n: list[str]): yield Label(', '.join(n))",
    "one branch of two": "def f(n: str): yield Label(n if n else 'nobody')",
    "pairs of text": "def f(hits: list[tuple[str, str]]): return [Option(t) for _, t in hits]",
    "a function that returns text": "def g() -> str: ...\ndef f(): yield Label(g())",
    "an option": "def f(o: OptionList, n: str): o.add_option(Option(n))",
}

LEAVES = {
    "literals": "def f(): yield Label('Nobody waits')",
    "a literal in pieces": "def f(): yield Label('a' + f'b')",
    "data made plain": "def f(n: str): yield Label(plain(n))",
    "cells": "def f(t: T, rows: list[Row]):\n  for r in rows: t.add_row(cell(r.a), cell(r.b))",
    "cells of a list": "def f(t: DataTable, row: list[str]): t.add_row(*(cell(v) for v in row))",
    "a template of ours": "def f(n: str): yield Label(content('[b]$name[/b]', name=n))",
    "content handed in": "def f(text: Content): yield Label(text)",
    "content or nothing": "def f(text: Content | None = None): yield Label(text or '')",
    "content on the way": "def f(n: str):\n  t = plain(n)\n  yield Label(t)",
    "content added to": "def f(n: str):\n  t = plain(n)\n  t = t + ' waits'\n  yield Label(t)",
    "a function that returns content": "def g() -> Content: ...\ndef f(): yield Label(g())",
    "a table of ours": "WORDS = {'a': 'Waiting'}\ndef f(s: str): yield Label(WORDS[s])",
    "a table of ours asked": "WORDS = {'a': 'Late'}\ndef f(s: str): yield Label(WORDS.get(s, '?'))",
    "columns of ours": "COLS = ('MRN', 'Name')\ndef f(t: T):\n  for c in COLS: t.add_column(c)",
    "pairs of content": (
        "def f(hits: Sequence[tuple[str, Content]]): return [Option(t) for _, t in hits]"
    ),
    "an attribute that is content": (
        "class A(Static):\n  t: Content\n  def f(self): self.update(self.t)"
    ),
    "cleaned text made content": "def f(n: str): return Text(f'{clean(n)} ', style='bold')",
    "a dictionary's update": "def f(d: dict[str, str], n: str): d.update({n: n})",
    "a toast without markup": "def f(self, m: str): self.notify(m, markup=False)",
    "numbers": "def f(t: DataTable, n: int): t.add_row(n)",
    "a name of the same name elsewhere": (
        "def g(n: str):\n  t = n\ndef f(n: str):\n  t = plain(n)\n  yield Label(t)"
    ),
}


@pytest.mark.parametrize("code", MENDS.values(), ids=MENDS.keys())
def test_finds(code: str, tmp_path: Path) -> None:
    assert len(_findings(code, tmp_path)) == 1


@pytest.mark.parametrize("code", LEAVES.values(), ids=LEAVES.keys())
def test_leaves(code: str, tmp_path: Path) -> None:
    assert _findings(code, tmp_path) == []


def _findings(code: str, folder: Path) -> list[str]:
    module = folder / "module.py"
    module.write_text(code)
    return [str(finding) for finding in findings([module])]
