"""The one catalogue of every action that a key reaches, and the user's own keys checked against it.

Each group of screens declares its actions beside its screens (they may not import this module);
here they come together, for help, documentation and validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from screens.account_keys import ACTIONS as ACCOUNT_ACTIONS
from screens.admin.keys import ACTIONS as ADMIN_ACTIONS
from screens.doctor.calendar_keys import ACTIONS as CALENDAR_ACTIONS
from screens.doctor.keys import ACTIONS as DOCTOR_ACTIONS
from screens.lock_keys import ACTIONS as LOCK_ACTIONS
from screens.login_keys import ACTIONS as LOGIN_ACTIONS
from screens.patient.keys import ACTIONS as PATIENT_ACTIONS
from screens.reception.keys import ACTIONS as DESK_ACTIONS
from screens.reception.waiting_keys import ACTIONS as WAITING_ACTIONS
from screens.shared.booking_keys import ACTIONS as BOOKING_ACTIONS
from screens.shared.conflict_keys import ACTIONS as CONFLICT_ACTIONS
from screens.shared.entry_keys import ACTIONS as ENTRY_ACTIONS
from screens.shared.merge_keys import ACTIONS as MERGE_ACTIONS
from screens.shared.slip_keys import ACTIONS as SLIP_ACTIONS
from store.errors import WrongConfiguration
from widgets.keys import COMMON, QUIT, KeyAction

CATALOGUE: tuple[KeyAction, ...] = (
    *COMMON,
    *LOCK_ACTIONS,
    *LOGIN_ACTIONS,
    *ACCOUNT_ACTIONS,
    *DESK_ACTIONS,
    *WAITING_ACTIONS,
    *BOOKING_ACTIONS,
    *MERGE_ACTIONS,
    *SLIP_ACTIONS,
    *DOCTOR_ACTIONS,
    *CALENDAR_ACTIONS,
    *CONFLICT_ACTIONS,
    *PATIENT_ACTIONS,
    *ADMIN_ACTIONS,
    *ENTRY_ACTIONS,
)
"""Every action, in the order in which help shows it."""

SCOPES: Mapping[str, str] = {
    "app": "Everywhere",
    "move": "Moving",
    "list": "Lists and tables",
    "form": "Forms",
    "ask": "Questions",
    "day": "Days",
    "login": "Signing in",
    "account": "Your account",
    "second-factor": "Second factor",
    "duty": "Before anything else",
    "desk": "Reception desk",
    "finder": "Finding a patient",
    "queue": "The day's queue",
    "slots": "Slots of a doctor",
    "booking": "Booking",
    "slip": "Slips and lists on paper",
    "walk-in": "Walk-in",
    "waiting": "Waiting list",
    "duplicates": "Likely duplicates",
    "merge": "Patients registered twice",
    "today": "Your day",
    "own": "Your lists",
    "visits": "The appointment under the cursor",
    "calendar": "Your calendar",
    "decide": "Booked at times that are gone",
    "consultation": "Consultation",
    "prescription": "Prescription",
    "texts": "Two texts of one field",
    "record": "Record",
    "home": "Your appointments",
    "waits": "What you wait for",
    "choose": "Choosing a doctor",
    "times": "Free times",
    "visit": "One appointment",
    "own-records": "Your records",
    "mail-records": "Your records by e-mail",
    "records": "Lists of the administration",
    "columns": "Columns of a list",
    "doctors": "Doctors",
    "hours": "Working hours of a doctor",
    "departments": "Departments",
    "patients": "Patients",
    "appointments": "Appointments of the hospital",
    "holidays": "Holidays",
    "users": "Users",
    "sign-ins": "Sign-ins of a user",
    "audit": "Audit trail",
    "backups": "Backups",
    "mail": "Mail",
    "entries": "Hours, leave and holidays",
}
"""What each scope is called in help."""

EVERYWHERE = frozenset({"app", "move"})
"""Scopes whose actions are there on every screen, so that no other may take their keys."""

RESERVED: Mapping[str, str] = {
    "ctrl+c": "terminals interrupt with it",
    "ctrl+z": "terminals suspend with it",
    "ctrl+i": "terminals send it for tab",
    "ctrl+j": "terminals send it for enter",
    "ctrl+m": "terminals send it for enter",
    "ctrl+h": "terminals send it for backspace",
    "ctrl+left_square_bracket": "terminals send it for escape",
    "tab": "it moves between fields",
    "shift+tab": "it moves between fields",
    "enter": "it opens and chooses",
    "escape": "it goes back",
}
"""Keys that no action may be moved to, and why."""

_NAMES = {
    "?": "question_mark",
    "/": "slash",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "{": "left_curly_bracket",
    "}": "right_curly_bracket",
    "esc": "escape",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "return": "enter",
}


def split_keys(keys: str) -> list[str]:
    """The keys of a comma-separated list, by Textual's names."""
    return [_NAMES.get(key.strip(), key.strip()) for key in keys.split(",") if key.strip()]


def load_keys(
    wanted: Mapping[str, str], catalogue: Iterable[KeyAction] = CATALOGUE
) -> dict[str, str]:
    """The user's own keys as a Textual keymap: id to comma-separated keys.

    Raises:
        WrongConfiguration: an unknown id, a reserved key, a key taken twice; one sentence each.
    """
    actions = {action.id: action for action in catalogue}
    wrong = [_unknown(name, actions) for name in wanted if name not in actions]
    known = {name: split_keys(keys) for name, keys in wanted.items() if name in actions}
    for name, keys in known.items():
        wrong += [] if keys else [f"[ui.keys] {name} has no key; leave it out to keep its own."]
        wrong += [
            f"[ui.keys] {name} cannot be {key}: {RESERVED[key]}."
            for key in keys
            if key in RESERVED and key not in split_keys(actions[name].keys)
        ]
    wrong += clashes(actions.values(), known)
    if wrong:
        raise WrongConfiguration(" ".join(wrong), problems=wrong)
    return {name: ",".join(keys) for name, keys in known.items()}


def _unknown(name: str, actions: Mapping[str, KeyAction]) -> str:
    near = get_close_matches(name, actions, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"[ui.keys] knows no action {name}{hint}"


def clashes(actions: Iterable[KeyAction], own: Mapping[str, list[str]]) -> list[str]:
    """A sentence for each key that two actions of one scope (or one of them everywhere) share."""
    taken: dict[tuple[str, str], str] = {}
    wrong: list[str] = []
    listed = list(actions)
    scopes = {action.scope for action in listed}
    for action in listed:
        keys = own.get(action.id, split_keys(action.keys))
        for scope in scopes if action.scope in EVERYWHERE else {action.scope}:
            for key in keys:
                other = taken.setdefault((scope, key), action.id)
                sentence = f"[ui.keys] {action.id} and {other} would both be {key}."
                if other != action.id and sentence not in wrong:
                    wrong.append(sentence)
    if QUIT.id in own and not any("+" in key or key.startswith("f") for key in own[QUIT.id]):
        wrong.append(f"[ui.keys] {QUIT.id} needs a key that nobody types into a field.")
    return wrong
