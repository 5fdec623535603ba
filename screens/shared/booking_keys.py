"""The actions of the dialogs of booking and registering."""

from __future__ import annotations

from widgets.keys import KeyAction

BOOK = KeyAction("booking.book", "ctrl+s,f2", "book", "Book the slot under the cursor", "book")
CHOOSE_DOCTOR = KeyAction(
    "booking.doctor", "d,f3", "doctor", "Choose another doctor (f3 while typing)", "choose_doctor"
)
FIRST_FREE = KeyAction(
    "booking.first-free",
    "f,f5",
    "first free",
    "The first free slot: at any time, mornings, after 17:00 (f5 while typing)",
    "first_free",
)
OVER_LIMIT = KeyAction(
    "booking.over-limit",
    "o,f7",
    "over limit",
    "Book over the limit: taken slots too, with a reason (f7 while typing)",
    "over_limit",
)
TAKE_IN = KeyAction(
    "walk-in.save", "ctrl+s,f2", "take in", "Note the patient as waiting", "take_in"
)
OTHER_DOCTOR = KeyAction("walk-in.doctor", "f3", "doctor", "Choose another doctor", "choose_doctor")
THIS_ONE = KeyAction("duplicates.this", "enter", "this one", "It is this patient", "this_one")
SOMEBODY_NEW = KeyAction(
    "duplicates.new", "ctrl+s,f2", "somebody new", "It is none of these: register", "somebody_new"
)

ACTIONS: tuple[KeyAction, ...] = (
    BOOK,
    CHOOSE_DOCTOR,
    FIRST_FREE,
    OVER_LIMIT,
    TAKE_IN,
    OTHER_DOCTOR,
    THIS_ONE,
    SOMEBODY_NEW,
)
"""All of them, in the order of help."""
