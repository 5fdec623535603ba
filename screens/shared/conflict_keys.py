"""The actions of the list of appointments that have lost their time."""

from __future__ import annotations

from widgets.keys import KeyAction

MOVE = KeyAction(
    "decide.move", "m", "move", "Move it to the next free time; the patient hears by mail", "move"
)
CANCEL = KeyAction(
    "decide.cancel", "x", "cancel", "Cancel it (asks); the patient hears by mail", "cancel"
)
MOVE_ALL = KeyAction("decide.move-all", "a", "move all", "Move all of them (asks)", "move_all")

ACTIONS: tuple[KeyAction, ...] = (MOVE, CANCEL, MOVE_ALL)
"""All of them, in the order of help."""
