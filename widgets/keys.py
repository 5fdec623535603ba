"""What an action of the app is: its id, keys and words; and the actions that every screen shares.

An id is `scope.verb`. The same verb has the same key everywhere. Each group of screens declares
its actions beside its screens; the composition root joins them into the one catalogue from which
help, footer and the user's own keys are made.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class KeyAction:
    """An action that keys reach.

    `keys` is Textual's comma-separated form. `words` are for the footer (at most two or three),
    `help` is the sentence of the help screen. `run` is the name of the Textual action.
    """

    id: str
    keys: str
    words: str
    help: str
    run: str
    priority: bool = False

    @property
    def scope(self) -> str:
        """The part of the id before the dot: on which screen or panel the action lives."""
        return self.id.partition(".")[0]

    def binding(self, *, show: bool = True) -> Binding:
        """The Textual binding; `show` puts it into the footer, where there is room for six."""
        return Binding(
            self.keys, self.run, self.words, show=show, id=self.id, priority=self.priority
        )


def bind(*shown: KeyAction, hidden: tuple[KeyAction, ...] = ()) -> list[BindingType]:
    """The bindings of a screen or panel: `shown` ones in the footer, most used first."""
    return [
        *(action.binding() for action in shown),
        *(action.binding(show=False) for action in hidden),
    ]


HELP = KeyAction("app.help", "question_mark,f1", "help", "All keys of this screen", "help")
QUIT = KeyAction(
    "app.quit", "ctrl+q", "quit", "Leave Chikitsa (asks when something is unsaved)", "leave", True
)
PALETTE = KeyAction("app.palette", "ctrl+p", "palette", "Search all commands", "command_palette")
SIGN_OUT = KeyAction("app.sign-out", "ctrl+o", "sign out", "Sign out", "sign_out")
ACCOUNT = KeyAction(
    "app.account", "f4", "account", "Your account, password and sign-ins", "account"
)
TABS = tuple(
    KeyAction(f"app.tab-{n}", str(n), f"tab {n}", f"Go to tab {n}", f"tab({n})")
    for n in range(1, 10)
)
ALL_TABS = KeyAction("app.tabs", "0", "all tabs", "All tabs, to be found by name", "tabs")
REFRESH = KeyAction("app.refresh", "r", "refresh", "Read everything again", "refresh_all")
NEXT_FIELD = KeyAction("app.next", "tab", "next", "Next field or panel", "app.focus_next")
PREVIOUS_FIELD = KeyAction(
    "app.previous", "shift+tab", "previous", "Previous field or panel", "app.focus_previous"
)
BACK = KeyAction("app.back", "escape", "back", "Back one level; never leaves Chikitsa", "back")

UP = KeyAction("move.up", "up,k", "up", "Up", "cursor_up")
DOWN = KeyAction("move.down", "down,j", "down", "Down", "cursor_down")
LEFT = KeyAction("move.left", "left,h", "left", "Left", "cursor_left")
RIGHT = KeyAction("move.right", "right,l", "right", "Right", "cursor_right")
PAGE_UP = KeyAction("move.page-up", "pageup", "page up", "A page up", "page_up")
PAGE_DOWN = KeyAction("move.page-down", "pagedown", "page down", "A page down", "page_down")
FIRST = KeyAction("move.first", "home,g", "first", "To the first", "first")
LAST = KeyAction("move.last", "end,G", "last", "To the last", "last")
MOVES = (UP, DOWN, LEFT, RIGHT, PAGE_UP, PAGE_DOWN, FIRST, LAST)

OPEN = KeyAction("list.open", "enter", "open", "Open or choose what the cursor is on", "choose")
SAVE = KeyAction("form.save", "ctrl+s,f2", "save", "Save the form", "save")

YES = KeyAction("ask.yes", "y", "yes", "Yes", "yes")
NO = KeyAction("ask.no", "n", "no", "No", "no")

TODAY = KeyAction("day.today", "t", "today", "Go to today", "screen.today")
DAY_BACK = KeyAction("day.back", "left_square_bracket", "day back", "A day back", "screen.day(-1)")
DAY_ON = KeyAction("day.on", "right_square_bracket", "day on", "A day on", "screen.day(1)")
WEEK_BACK = KeyAction(
    "day.week-back", "left_curly_bracket", "week back", "A week back", "screen.day(-7)"
)
WEEK_ON = KeyAction("day.week-on", "right_curly_bracket", "week on", "A week on", "screen.day(7)")
DAYS = (TODAY, DAY_BACK, DAY_ON, WEEK_BACK, WEEK_ON)

COMMON: tuple[KeyAction, ...] = (
    HELP,
    QUIT,
    PALETTE,
    SIGN_OUT,
    ACCOUNT,
    *TABS,
    ALL_TABS,
    REFRESH,
    NEXT_FIELD,
    PREVIOUS_FIELD,
    BACK,
    *MOVES,
    OPEN,
    SAVE,
    YES,
    NO,
    *DAYS,
)
"""The actions that mean the same on every screen."""

DISPLAY = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "number_sign": "#",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "shift+tab": "shift+tab",
    "plus": "+",
    "minus": "-",
    "upper_g": "G",
}
"""Textual's names of keys, as a person knows them."""


def key_names(keys: str) -> list[str]:
    """The keys of a comma-separated Textual key string, as a person knows them."""
    return [DISPLAY.get(key.strip(), key.strip()) for key in keys.split(",") if key.strip()]
