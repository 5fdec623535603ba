"""The actions of the administrator's screens."""

from __future__ import annotations

from widgets.keys import KeyAction

FIND = KeyAction("records.find", "slash", "filter", "Narrow the list as you type", "find")
NEW = KeyAction("records.new", "n", "new", "Enter a new one", "new")
EDIT = KeyAction("records.edit", "e", "edit", "Change the one under the cursor", "edit")
SWITCH = KeyAction(
    "records.switch",
    "x",
    "on/off",
    "Deactivate the one under the cursor, or activate it again (asks)",
    "switch",
)
DELETE = KeyAction(
    "records.delete", "delete", "delete", "Delete the one under the cursor (asks)", "delete"
)
ORDER = KeyAction("records.order", "s", "order", "Order the list by the next column", "order")
TURN = KeyAction("records.turn", "S", "turn round", "Turn the order round", "turn_round")
COLUMNS = KeyAction("records.columns", "c", "columns", "Choose the columns", "columns")
EXPORT = KeyAction(
    "records.export", "E", "CSV", "Save all that the filter lets through as CSV", "export"
)
ALL = KeyAction("records.all", "a", "all", "Show the deactivated or past ones too, or not", "all")

DEPARTMENT = KeyAction(
    "doctors.department", "d", "department", "Doctors of one department, or of all", "department"
)
HOURS = KeyAction("doctors.hours", "w", "hours", "Working hours of the doctor", "hours")
LEAVE = KeyAction("doctors.leave", "v", "leave", "Leave of the doctor", "leave")

SHOWN = KeyAction(
    "columns.toggle", "space", "show or not", "Show the column, or not", "show_or_not"
)
USUAL = KeyAction("columns.usual", "u", "as usual", "Show the usual columns again", "usual")
TAKE = KeyAction("columns.take", "enter", "take these", "Take these columns", "take")

ACTIONS: tuple[KeyAction, ...] = (
    FIND,
    NEW,
    EDIT,
    SWITCH,
    DELETE,
    ORDER,
    TURN,
    COLUMNS,
    EXPORT,
    ALL,
    DEPARTMENT,
    HOURS,
    LEAVE,
    SHOWN,
    USUAL,
    TAKE,
)
"""All of them, in the order of help."""
