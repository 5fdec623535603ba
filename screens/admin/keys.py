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
ALL = KeyAction("records.all", "a", "all", "Show the deactivated or past ones too, or not", "all")

DEPARTMENT = KeyAction(
    "doctors.department", "d", "department", "Doctors of one department, or of all", "department"
)
HOURS = KeyAction("doctors.hours", "w", "hours", "Working hours of the doctor", "hours")
LEAVE = KeyAction("doctors.leave", "v", "leave", "Leave of the doctor", "leave")

ACTIONS: tuple[KeyAction, ...] = (
    FIND,
    NEW,
    EDIT,
    SWITCH,
    DELETE,
    ALL,
    DEPARTMENT,
    HOURS,
    LEAVE,
)
"""All of them, in the order of help."""
