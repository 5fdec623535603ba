"""The actions of a patient's screens, panel by panel."""

from __future__ import annotations

from widgets.keys import KeyAction

NEW = KeyAction("home.new", "n,b", "book", "Book an appointment", "book")
MOVE = KeyAction("home.move", "m", "move", "Move the appointment to another time", "move")
CANCEL = KeyAction("home.cancel", "x", "cancel", "Cancel the appointment (asks)", "cancel")
EDIT = KeyAction("home.edit", "e", "note", "Change the note for the doctor", "edit")

EARLIER = KeyAction("home.wait", "a", "earlier", "Tell me of an earlier time", "wait_earlier")
TAKE = KeyAction("home.take", "y", "take", "Take the earlier time that is offered", "take")
DECLINE = KeyAction(
    "home.decline", "d", "decline", "Not that time: it goes to somebody else", "decline"
)
WAITS = KeyAction("home.waits", "v", "waiting list", "What you wait for", "show_waits")
LEAVE_LIST = KeyAction("waits.cancel", "x", "leave", "Leave the waiting list (asks)", "leave_list")

EARLIER_HERE = KeyAction(
    "choose.wait", "a", "earlier", "Tell me when an earlier time comes free", "screen.wait_earlier"
)
FIND = KeyAction(
    "choose.find", "slash", "find", "Find a doctor or department by name", "screen.find"
)

CHOOSE_DAY = KeyAction("times.view", "w", "week/day", "Show a week, or one day alone", "view")
FIRST_FREE = KeyAction(
    "times.first-free", "f", "first free", "To the first free time", "first_free"
)

OPEN_RECORD = KeyAction("visit.record", "o", "record", "What the doctor wrote", "open_record")
MAIL_RECORDS = KeyAction(
    "own-records.mail", "s", "send", "Have your records sent to you by e-mail", "mail_records"
)
SEND_RECORDS = KeyAction(
    "mail-records.send", "enter,ctrl+s,f2", "send", "Send them in the chosen form", "send"
)

ACTIONS: tuple[KeyAction, ...] = (
    NEW,
    MOVE,
    CANCEL,
    EDIT,
    EARLIER,
    TAKE,
    DECLINE,
    WAITS,
    LEAVE_LIST,
    EARLIER_HERE,
    FIND,
    CHOOSE_DAY,
    FIRST_FREE,
    OPEN_RECORD,
    MAIL_RECORDS,
    SEND_RECORDS,
)
"""All of them, in the order of help."""
