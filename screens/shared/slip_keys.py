"""The actions of the dialog that puts a slip on paper."""

from __future__ import annotations

from widgets.keys import KeyAction

PRINT = KeyAction("slip.print", "enter", "print", "Send it to the printer", "print_it")
SAVE_PDF = KeyAction("slip.save", "ctrl+s,f2", "save PDF", "Save it as a PDF", "save_pdf")
ALL_DOCTORS = KeyAction(
    "slip.doctor", "a", "all/one", "The list of all doctors, or of the chosen one", "all"
)

ACTIONS: tuple[KeyAction, ...] = (PRINT, SAVE_PDF, ALL_DOCTORS)
"""All of them, in the order of help."""
