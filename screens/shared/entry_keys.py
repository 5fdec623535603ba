"""The actions of lists of entries that belong to one thing: hours, leave, holidays."""

from __future__ import annotations

from widgets.keys import KeyAction

ADD = KeyAction("entries.new", "n", "new", "Enter a new one", "new")
CHANGE = KeyAction("entries.edit", "e", "edit", "Change the one under the cursor", "edit")
REMOVE = KeyAction(
    "entries.cancel", "x", "remove", "Remove the one under the cursor (asks)", "remove"
)

UNDO = KeyAction(
    "entries.undo",
    "u",
    "undo",
    "Take your last step back, with the appointments that it hit",
    "undo",
)

NARROW = KeyAction(
    "entries.find", "slash", "filter", "Narrow the appointments that are hit", "narrow"
)

ACTIONS: tuple[KeyAction, ...] = (ADD, CHANGE, REMOVE, UNDO, NARROW)
"""All of them, in the order of help."""
