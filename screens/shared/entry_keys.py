"""The actions of lists of entries that belong to one thing: hours, leave, holidays."""

from __future__ import annotations

from widgets.keys import KeyAction

ADD = KeyAction("entries.new", "n", "new", "Enter a new one", "new")
CHANGE = KeyAction("entries.edit", "e", "edit", "Change the one under the cursor", "edit")
REMOVE = KeyAction(
    "entries.cancel", "x", "remove", "Remove the one under the cursor (asks)", "remove"
)

ACTIONS: tuple[KeyAction, ...] = (ADD, CHANGE, REMOVE)
"""All of them, in the order of help."""
