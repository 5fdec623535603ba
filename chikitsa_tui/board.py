"""The board on a wall: a full screen of tokens that follows the hospital by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from chikitsa_tui.live import ChangeFeed
from chikitsa_tui.themes import THEME_NAMES, THEMES
from screens.context import AppServices
from store import board
from store.errors import NotSignedIn, SessionEnded, StoreError
from store.values import Actor, ChangeView
from widgets.board import Board
from widgets.plain import NoControls
from widgets.top_bar import TopBar

if TYPE_CHECKING:
    from store.front_door import Store

_CONCERNS = frozenset({"appointment", "doctor", "department"})


class BoardApp(App[None], inherit_bindings=False):
    """Now serving. Nothing can be done here but leaving."""

    TITLE = "Chikitsa"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS = "Screen { background: $background; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q,ctrl+c", "quit", show=False, system=True)
    ]

    def __init__(
        self, services: AppServices, store: Store, actor: Actor, department_id: int | None
    ) -> None:
        super().__init__()
        self.services = services
        self.store = store
        self.actor = actor
        self.department_id = department_id
        self.feed = ChangeFeed(services, store, actor, self._changed, self._tell_live, self._ended)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = services.ui.theme if services.ui.theme in THEME_NAMES else "dark"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the net that lets no control character through."""
        return [*super().get_line_filters(), NoControls()]

    def compose(self) -> ComposeResult:
        """The hospital's name and the time, and the tokens."""
        yield TopBar(self.services.hospital, "Now serving", "")
        yield Board()

    def on_mount(self) -> None:
        """Read, and follow the feed of changes."""
        self.query_one(TopBar).follow(self.services.now)
        self._tick()
        self.set_interval(1, self._tick)
        self.reload()
        self.run_worker(self.feed.run(), group="live")

    def _tick(self) -> None:
        self.feed.used()  # a board is looked at, though nobody presses a key
        self.query_one(Board).tick(self.services.now())

    def _changed(self, changes: tuple[ChangeView, ...]) -> None:
        if any(change.topic in _CONCERNS for change in changes):
            self.reload()

    def _tell_live(self, live: bool, sentence: str) -> None:
        self.query_one(TopBar).live = live
        if live:
            self.reload()
        else:
            away = "The hospital's database does not answer. Trying again."
            self.query_one(Board).tell(sentence or away)

    def _ended(self, _: str) -> None:
        self.query_one(Board).tell("The sign-in of this board is over. Start it anew.")

    def reload(self) -> None:
        """Read the tokens again."""
        self.run_worker(self._read(), group="read board", exclusive=True)

    async def _read(self) -> None:
        shown = self.query_one(Board)
        try:
            lines = await self.services.run(
                self.store.read, self.actor, board.now_serving, department_id=self.department_id
            )
        except (SessionEnded, NotSignedIn) as error:
            self._ended(error.message)
        except StoreError as error:
            shown.tell(error.message)
        else:
            if shown.show(lines, self.services.now()):
                self.bell()
