"""What screens ask of the app."""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.screen import Screen


class SignOut(Message):
    """The person wants to sign out."""


class SessionLost(Message):
    """The login session no longer stands; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class DutyDone(Message):
    """What the person had to do before anything else is done."""


class TabWanted(Message):
    """The person wants another tab; `number` counts from 1."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ListWanted(Message):
    """The person wants to see what a figure counts: a tab, by its title, narrowed by the words of
    its filter line."""

    def __init__(self, title: str, words: str = "") -> None:
        super().__init__()
        self.title = title
        self.words = words


class LiveState(Message):
    """Whether the store could last be asked for changes."""

    def __init__(self, live: bool) -> None:
        super().__init__()
        self.live = live


class HelpWanted(Message):
    """The person wants to see the keys of a screen."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen
