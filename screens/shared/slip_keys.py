"""The actions of the dialogs that put something on paper."""

from __future__ import annotations

from widgets.keys import KeyAction

PRINT = KeyAction("slip.print", "enter", "print", "Send it to the printer", "print_it")
SAVE_PDF = KeyAction("slip.save", "ctrl+s,f2", "save PDF", "Save it as a PDF", "save_pdf")
ALL_DOCTORS = KeyAction(
    "slip.doctor", "a", "all/one", "The list of all doctors, or of the chosen one", "all"
)
MAIL = KeyAction("slip.mail", "s", "send", "Mail it to the patient (asks)", "mail")
OTHER_PAPER = KeyAction(
    "slip.other", "o", "other", "The summary of the visit, or its prescription", "other"
)

ACTIONS: tuple[KeyAction, ...] = (PRINT, SAVE_PDF, ALL_DOCTORS, MAIL, OTHER_PAPER)
"""All of them, in the order of help."""
