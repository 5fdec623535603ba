"""The actions of the waiting list at the desk."""

from __future__ import annotations

from widgets.keys import KeyAction

BOOK = KeyAction("waiting.book", "b", "book", "Book the slot that is offered", "book")
DECLINE = KeyAction(
    "waiting.decline", "d", "decline", "The patient does not want it: ask the next", "decline"
)
OFFER = KeyAction("waiting.offer", "o", "offer", "Offer the first free slot that fits", "offer")
NEW = KeyAction("waiting.new", "n", "add", "Put a patient on the waiting list", "new")
WITHDRAW = KeyAction(
    "waiting.cancel", "x", "withdraw", "Take the patient off the list (asks)", "withdraw"
)
UNDO = KeyAction("waiting.undo", "u", "undo", "Take back the booking just made here", "undo")
FOR_WHOM = KeyAction(
    "waiting.doctor", "f3", "doctor", "Choose another doctor or department", "choose_doctor"
)

ACTIONS: tuple[KeyAction, ...] = (BOOK, DECLINE, OFFER, NEW, WITHDRAW, UNDO, FOR_WHOM)
"""All of them, in the order of help."""
