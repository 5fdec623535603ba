"""The keys that matter here, at most six, read from the bindings in force."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from widgets.keys import OPEN, key_names
from widgets.plain import content

MOST_KEYS = 6
_GAP = "   "


class KeyBar(Widget):
    """A footer of one line that is drawn at once and never scrolls."""

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $bar; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__(id="key-bar")
        self.keys: list[tuple[str, str, str, bool]] = []

    def on_mount(self) -> None:
        """Follow the bindings as the focus moves."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.app.is_running:
            return
        keys = active_keys(screen)
        if keys != self.keys:
            self.keys = keys
            self.refresh()

    def render(self) -> Content:
        """Key and words, key and words; help last and always there."""
        parts: list[Content] = []
        for _, name, words, enabled in self._fitting():
            style = "b $key" if enabled else "$text-disabled"
            text = "$foreground" if enabled else "$text-disabled"
            parts.append(content(f"[{style}]$k[/] [{text}]$w[/]", k=name, w=words))
        return Content(_GAP).join(parts)

    def _fitting(self) -> list[tuple[str, str, str, bool]]:
        """The keys that there is room for; the last one, help, always."""
        room = self.content_size.width
        if not room or not self.keys:
            return self.keys
        *others, last = self.keys
        room -= _width(last)
        fitting = []
        for key in others:
            room -= _width(key) + len(_GAP)
            if room >= 0:
                fitting.append(key)
        return [*fitting, last]

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        start = 1
        for shown in self._fitting():
            end = start + _width(shown)
            if start <= event.x < end:
                self.app.simulate_key(shown[0])
            start = end + len(_GAP)


def _width(key: tuple[str, str, str, bool]) -> int:
    return cell_len(f"{key[1]} {key[2]}")


def _place(active: ActiveBinding) -> int:
    """Where the widget's class declares the binding."""
    ids = [getattr(binding, "id", None) for binding in type(active.node).BINDINGS]
    return ids.index(active.binding.id) if active.binding.id in ids else len(ids)


def active_keys(screen: Screen[object]) -> list[tuple[str, str, str, bool]]:
    """(key, its name, words, enabled) of the shown bindings, one for each action, at most six.

    A list says in `enter_words` what enter does there; empty words hide it. Help comes last even
    when there are more than six, since from it all others are found.
    """
    found: dict[str, tuple[str, str, str, bool]] = {}
    actives = screen.active_bindings.values()
    chain = list(dict.fromkeys(active.node for active in actives))
    # A key of the user's own comes last in Textual's map; it keeps its action's place here.
    for active in sorted(actives, key=lambda one: (chain.index(one.node), _place(one))):
        binding, words = active.binding, active.binding.description
        if binding.id == OPEN.id:
            words = getattr(active.node, "enter_words", words)
        if binding.show and words and binding.action not in found:
            found[binding.action] = (
                binding.key,
                key_names(binding.key)[0],
                words,
                active.enabled,
            )
    help_key = found.pop("help", None)
    keys = list(found.values())[: MOST_KEYS - (1 if help_key else 0)]
    return [*keys, help_key] if help_key else keys
