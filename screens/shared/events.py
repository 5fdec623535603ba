"""What happened to an appointment, in words for a patient as for the staff."""

from __future__ import annotations

from store.values import AppointmentEventView

_HAPPENED = {
    "book": "booked",
    "walk-in": "came without an appointment",
    "check-in": "arrived",
    "start": "called in",
    "complete": "seen",
    "cancel": "cancelled",
    "no-show": "did not come",
    "left": "left without being seen",
    "reschedule": "moved to another time",
    "in-error": "taken out: entered by mistake",
    "undo": "last step taken back",
    "history": "taken over from an earlier system",
}


def happened(event: AppointmentEventView) -> str:
    """`called in`, for an event that the store calls `start`."""
    return _HAPPENED.get(event.kind, event.kind)
