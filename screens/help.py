"""All keys of a screen, made from the catalogue of actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from widgets.key_bar import KeyBar
from widgets.keys import BACK, HELP, KeyAction, bind, key_names
from widgets.plain import content, lines, plain

_KEY_COLUMN = 20


def ids_on(screen: Screen[Any]) -> set[str]:
    """The ids of all actions that a screen and what is on it declare."""
    nodes: Iterable[DOMNode] = (screen, screen.app, *screen.walk_children())
    return {
        binding.id
        for node in nodes
        for kind in type(node).__mro__
        for binding in vars(kind).get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


class HelpScreen(ModalScreen[None]):
    """Keys and what they do, by where they work; arrows scroll, escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, hidden=(HELP,))

    def __init__(
        self,
        actions: Sequence[KeyAction],
        scopes: Mapping[str, str],
        changed: Mapping[str, str],
    ) -> None:
        """Show `actions`; `scopes` names each scope, `changed` holds the user's own keys."""
        super().__init__()
        self.actions = tuple(actions)
        self.scopes = scopes
        self.changed = changed

    def compose(self) -> ComposeResult:
        """One block for each scope."""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = plain("All keys of this screen")
            with VerticalScroll(id="dialog-body"):
                yield Static(self.text(), markup=False)
            yield KeyBar()

    def text(self) -> Content:
        """The whole help."""
        blocks: list[Content] = []
        for scope in dict.fromkeys(action.scope for action in self.actions):
            if blocks:
                blocks.append(Content(""))
            blocks.append(content("[b $accent]$name[/]", name=self.scopes.get(scope, scope)))
            seen: set[str] = set()
            for action in self.actions:
                if action.scope == scope and action.help not in seen:
                    seen.add(action.help)
                    blocks.append(self._line(action))
        return lines(blocks)

    def _line(self, action: KeyAction) -> Content:
        names = "  ".join(key_names(self.changed.get(action.id, action.keys)))
        gap = " " * max(2, _KEY_COLUMN - cell_len(names))
        return content(f"  [b $key]$keys[/]{gap}$help", keys=names, help=action.help)

    def on_mount(self) -> None:
        """Let arrows scroll."""
        self.query_one("#dialog-body").focus()

    def action_back(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_help(self) -> None:
        """The key that opened it closes it."""
        self.dismiss(None)
