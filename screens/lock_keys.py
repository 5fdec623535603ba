"""The action that covers the app."""

from __future__ import annotations

from widgets.keys import KeyAction

LOCK = KeyAction(
    "app.lock", "ctrl+l", "lock", "Lock this terminal; your password opens it again", "lock", True
)
ACTIONS: tuple[KeyAction, ...] = (LOCK,)
