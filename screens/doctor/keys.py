"""The actions of the doctor's screens."""

from __future__ import annotations

from widgets.keys import KeyAction

NEXT = KeyAction("today.next", "n", "next patient", "Call in who waits next", "next")
DRAFTS = KeyAction("today.drafts", "d", "unfinished", "Go to the unfinished records", "show_drafts")
QUEUE = KeyAction("today.queue", "q", "queue", "Go to the day's queue", "show_queue")

NO_SHOW = KeyAction("visits.no-show", "o", "no-show", "The patient did not come (asks)", "no_show")
CANCEL = KeyAction("visits.cancel", "x", "cancel", "Cancel the appointment (asks)", "cancel")
MOVE = KeyAction("visits.move", "m", "move", "Move the appointment to another time", "move")
UNDO = KeyAction("visits.undo", "u", "undo", "Take your own last step back", "undo")
DETAILS = KeyAction("visits.details", "i", "details", "Show the appointment in full", "details")
PRINT = KeyAction(
    "visits.print", "p", "print", "The prescription or summary of a visit that is done", "print"
)
BOOK = KeyAction(
    "visits.book", "b", "follow-up", "Book the patient again, into your own time", "follow_up"
)

FIND = KeyAction("own.find", "slash", "find", "Narrow the list as you type", "find")
BOOK_PATIENT = KeyAction(
    "own.book", "b", "follow-up", "Book the patient again, into your own time", "follow_up"
)
DRAFTS_ALONE = KeyAction("own.drafts", "d", "unfinished", "Unfinished records alone", "drafts")

# Before the field that has the focus: a text area has f6 and f7 for itself.
SIGN = KeyAction("consultation.sign", "f5", "sign", "Sign the record and complete", "sign", True)
SIGN_NEXT = KeyAction(
    "consultation.sign-next",
    "f7",
    "sign, next",
    "Sign, complete, and call in who waits next",
    "sign_next",
    True,
)
SIGN_PRINT = KeyAction(
    "consultation.sign-print",
    "f10",
    "sign, print",
    "Sign, complete, and print the prescription",
    "sign_print",
    True,
)
REPEAT = KeyAction(
    "consultation.repeat", "f6", "repeat last", "Repeat the last prescription", "repeat", True
)
HISTORY = KeyAction(
    "consultation.history", "f3", "history", "All earlier visits of the patient", "history"
)
FOLLOW_UP = KeyAction(
    "consultation.book", "f12", "follow-up", "Book the follow-up, into your own time", "follow_up"
)
KEEP = KeyAction(
    "consultation.keep", "ctrl+s,f2", "keep", "Save the draft now (it saves itself too)", "keep"
)
DROP_LINE = KeyAction("prescription.drop", "f8", "take out", "Take the line out", "drop_line")
PUT_BACK = KeyAction(
    "prescription.put-back", "f9", "put back", "Put the last line taken out back", "put_back"
)

OWN_TEXT = KeyAction("texts.own", "m", "this one", "Keep what stands here", "own")
OTHER_TEXT = KeyAction("texts.other", "o", "the other", "Take the other terminal's", "other")
BOTH_TEXTS = KeyAction("texts.both", "b", "both", "Keep both", "both")

FOLLOW_UP_OF_RECORD = KeyAction(
    "record.book", "b", "follow-up", "Book the follow-up, into your own time", "follow_up"
)
AMEND = KeyAction(
    "record.amend", "a", "amend", "Correct a field; what it said stays readable", "amend"
)
PRINT_RECORD = KeyAction(
    "record.print", "p", "print", "The prescription or the summary: print, save, mail", "print"
)

ACTIONS: tuple[KeyAction, ...] = (
    NEXT,
    DRAFTS,
    QUEUE,
    NO_SHOW,
    CANCEL,
    MOVE,
    UNDO,
    DETAILS,
    PRINT,
    BOOK,
    FIND,
    BOOK_PATIENT,
    DRAFTS_ALONE,
    SIGN,
    SIGN_NEXT,
    SIGN_PRINT,
    REPEAT,
    HISTORY,
    FOLLOW_UP,
    KEEP,
    DROP_LINE,
    PUT_BACK,
    OWN_TEXT,
    OTHER_TEXT,
    BOTH_TEXTS,
    AMEND,
    PRINT_RECORD,
    FOLLOW_UP_OF_RECORD,
)
"""All of them, in the order of help."""
