"""The actions of the reception desk, panel by panel."""

from __future__ import annotations

from widgets.keys import KeyAction

FIND = KeyAction("desk.find", "slash", "find", "Find a patient", "screen.find")
QUEUE = KeyAction("desk.queue", "q", "queue", "Go to the day's queue", "screen.show_queue")
SLOTS = KeyAction("desk.slots", "s", "slots", "Go to the slots of a doctor", "screen.show_slots")
DOCTOR = KeyAction("desk.doctor", "d", "doctor", "Choose a doctor or department", "screen.doctor")
NEW = KeyAction(
    "desk.new", "n,f3", "new patient", "Register a new patient (f3 while typing)", "screen.new"
)
ONE_LINE = KeyAction(
    "desk.one-line",
    "colon,f6",
    "one line",
    "Book by one typed line: rao nair tomorrow 10:30 (f6 while typing)",
    "screen.one_line",
)
UNDO = KeyAction("desk.undo", "u", "undo", "Take your own last step back", "screen.undo")
FILTER = KeyAction(
    "queue.filter",
    "f",
    "filter",
    "Show only some: words of doctor, department and status (nair waiting)",
    "screen.filter",
)
ONE_DOCTOR = KeyAction(
    "queue.all", "a", "all/one", "Show all again, or the chosen doctor's alone", "screen.all"
)
MARK = KeyAction(
    "queue.mark", "space", "mark", "Mark the row: c o v x u then act on all marked", "screen.mark"
)
ROWS = KeyAction(
    "queue.rows", "number_sign", "rows", "Mark rows by number: 3-7 or 3,5-7, or all", "screen.rows"
)
DECIDE = KeyAction(
    "desk.decide",
    "D",
    "to decide",
    "Move or cancel those whose time is gone",
    "screen.decide",
)
DAY_LIST = KeyAction("desk.day-list", "P", "day list", "Print the list of a day", "screen.day_list")

WEEK = KeyAction("slots.view", "w", "week/day", "Show a week, or one day alone", "screen.week")

BOOK = KeyAction("finder.book", "b", "book", "Book the patient", "screen.book")
HERE = KeyAction(
    "finder.walk-in", "w", "walk-in", "The patient is here without an appointment", "screen.walk_in"
)
EDIT = KeyAction("finder.edit", "e", "edit", "Change the patient's particulars", "screen.edit")
WAIT = KeyAction(
    "finder.wait", "a", "wait", "Put the patient on the waiting list", "screen.wait_earlier"
)

CHECK_IN = KeyAction("queue.check-in", "c", "check in", "The patient has come", "screen.check_in")
MOVE = KeyAction("queue.move", "m", "move", "Move the appointment to another time", "screen.move")
CANCEL = KeyAction("queue.cancel", "x", "cancel", "Cancel the appointment (asks)", "screen.cancel")
NO_SHOW = KeyAction(
    "queue.no-show", "o", "no-show", "The patient did not come (asks)", "screen.no_show"
)
LEFT = KeyAction(
    "queue.left", "v", "left", "The patient left without being seen (asks)", "screen.left"
)
WALK_IN = KeyAction(
    "queue.walk-in",
    "w",
    "walk-in",
    "Find who came without an appointment; enter takes in",
    "screen.find_walk_in",
)
PRINT = KeyAction(
    "queue.print", "p", "print", "Print the token slip or the appointment slip", "screen.print"
)
OPEN = KeyAction("queue.open", "enter", "details", "Show the appointment", "screen.details")

ACTIONS: tuple[KeyAction, ...] = (
    FIND,
    QUEUE,
    SLOTS,
    DOCTOR,
    NEW,
    ONE_LINE,
    UNDO,
    DAY_LIST,
    DECIDE,
    BOOK,
    HERE,
    EDIT,
    WAIT,
    CHECK_IN,
    WALK_IN,
    MOVE,
    CANCEL,
    NO_SHOW,
    LEFT,
    PRINT,
    MARK,
    ROWS,
    FILTER,
    ONE_DOCTOR,
    OPEN,
    WEEK,
)
"""All of them, in the order of help."""
