"""What two registrations of one person have of each once: particulars, an account, a place on a
waiting list, an allergy; and giving each its own back.

Nothing here asks for a permission: the rules that call it do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from store import offers
from store.account_rows import end_sessions, set_active
from store.changes import Topic
from store.tables import Account, Allergy, Patient, WaitlistEntry, table_of
from store.text import search_key
from store.transaction import Transaction
from store.values import STILL_WAITS, Sex, WaitlistStatus

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "birth_date": ("birth_date", "birth_precision"),
    "sex": ("sex",),
    "phone": ("phone",),
    "email": ("email",),
    "address": ("address",),
    "emergency_contact": ("emergency_name", "emergency_phone"),
    "language": ("language",),
    "account": ("account_id",),
}
"""What may be taken from the merged patient, and the columns that go together."""

_UNTOLD = (None, "", Sex.UNKNOWN.value)
_ENTRY, _ALLERGY = table_of(WaitlistEntry), table_of(Allergy)


def values_of(row: Patient, name: str) -> tuple[Any, ...]:
    """The columns of one of `FIELDS`."""
    return tuple(getattr(row, column) for column in FIELDS[name])


def is_told(row: Patient, name: str) -> bool:
    """Whether a patient has anything of one of `FIELDS`."""
    return any(value not in _UNTOLD for value in values_of(row, name))


def taken_anyway(survivor: Patient, merged: Patient) -> set[str]:
    """What the survivor has nothing of, and the merged patient has."""
    return {name for name in FIELDS if not is_told(survivor, name) and is_told(merged, name)}


def told(tx: Transaction, row: Patient, name: str) -> str:
    """A particular as it is shown beside the other's."""
    if name == "account":
        return tx.fetch(Account, row.account_id, "account").username if row.account_id else ""
    if name == "birth_date":
        return f"{row.birth_date or ''}"
    return " ".join(str(value) for value in values_of(row, name) if value not in _UNTOLD)


def take_over(
    tx: Transaction, survivor: Patient, merged: Patient, taken: Collection[str]
) -> dict[str, list[list[Any]]]:
    """Give the survivor the merged patient's particulars; what they were and are, by name."""
    changed = {}
    for name in sorted(set(taken) - {"account"}):
        was, now = values_of(survivor, name), values_of(merged, name)
        if was == now:
            continue
        for column, value in zip(FIELDS[name], now, strict=True):
            setattr(survivor, column, value)
        changed[name] = [[_stored(value) for value in side] for side in (was, now)]
    if "name" in changed and survivor.account_id is not None:
        tx.fetch(Account, survivor.account_id, "account").name = survivor.name
    return changed


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def give_back(survivor: Patient, changed: Mapping[str, list[list[Any]]]) -> None:
    """Undo `take_over`, but for what was changed since."""
    for name, (was, now) in changed.items():
        if [_stored(value) for value in values_of(survivor, name)] != now:
            continue
        for column, value in zip(FIELDS[name], was, strict=True):
            read = date.fromisoformat(value) if value and column == "birth_date" else value
            setattr(survivor, column, read)


def leave_one_account(
    tx: Transaction, survivor: Patient, merged: Patient, chosen: bool
) -> dict[str, Any]:
    """Leave one account to sign in with: the survivor's, unless the other's is chosen or the only
    one. Its holder signs in anew; the other is barred, and stays with the merged patient."""
    kept: dict[str, Any] = {"survivor": survivor.account_id, "merged": merged.account_id}
    if merged.account_id is None:
        return kept
    if chosen or survivor.account_id is None:
        _swap(tx, survivor, merged)
        assert survivor.account_id is not None
        end_sessions(tx, survivor.account_id, "patients merged")
    if merged.account_id is not None:
        account = tx.fetch(Account, merged.account_id, "account")
        kept["barred"] = [account.id, account.is_active, account.is_barred]
        set_active(tx, account, False, "patients merged")
        account.is_barred = True
    return kept


def give_accounts_back(
    tx: Transaction, survivor: Patient, merged: Patient, kept: Mapping[str, Any]
) -> None:
    """Undo `leave_one_account`."""
    held = {survivor.account_id, merged.account_id} == {kept["survivor"], kept["merged"]}
    if held and survivor.account_id != kept["survivor"]:
        moved = survivor.account_id
        _swap(tx, survivor, merged)
        if moved is not None:
            end_sessions(tx, moved, "merge undone")
    if "barred" in kept:
        account_id, active, barred = kept["barred"]
        account = tx.fetch(Account, account_id, "account")
        if account.is_barred:
            set_active(tx, account, bool(active), "merge undone")
            account.is_barred = bool(barred)


def _swap(tx: Transaction, one: Patient, other: Patient) -> None:
    """Exchange the accounts of two patients; each account is of one patient at any moment."""
    mine, theirs = one.account_id, other.account_id
    one.account_id = other.account_id = None
    tx.session.flush()
    one.account_id, other.account_id = theirs, mine
    tx.session.flush()


def leave_one_place(tx: Transaction, survivor_id: int) -> list[int]:
    """End the later of two places on the same waiting list; the one that is offered a slot, or
    else the earlier, stays."""
    waiting = [status.value for status in STILL_WAITS]
    rows = tx.session.execute(
        select(_ENTRY.c.id, _ENTRY.c.doctor_id, _ENTRY.c.department_id)
        .where(_ENTRY.c.patient_id == survivor_id, _ENTRY.c.status.in_(waiting))
        .order_by(_ENTRY.c.status != WaitlistStatus.OFFERED.value, _ENTRY.c.created_at, _ENTRY.c.id)
    ).all()
    places: set[tuple[int | None, int | None]] = set()
    ended = []
    for row in rows:
        place = (row.doctor_id, row.department_id)
        if place in places:
            entry = tx.fetch(WaitlistEntry, row.id, "entry of the waiting list")
            offers.end(tx, entry, WaitlistStatus.WITHDRAWN)
            ended.append(int(row.id))
        places.add(place)
    return ended


def put_repeated_away(tx: Transaction, survivor_id: int, moved: Collection[int]) -> list[int]:
    """Put away a moved allergy that only repeats one of the survivor's; those that tell more of it
    stay beside it."""
    rows = tx.session.execute(
        select(_ALLERGY).where(_ALLERGY.c.patient_id == survivor_id, _ALLERGY.c.is_active)
    ).all()
    known = [row for row in rows if row.id not in set(moved)]
    repeated = []
    for row in rows:
        same = [one for one in known if search_key(one.substance) == search_key(row.substance)]
        told = (row.reaction, row.severity)
        if row.id in set(moved) and any(
            all(not mine or mine == theirs for mine, theirs in zip(told, other, strict=True))
            for other in ((one.reaction, one.severity) for one in same)
        ):
            tx.fetch(Allergy, row.id, "allergy").is_active = False
            repeated.append(int(row.id))
    return repeated


def stand_again(tx: Transaction, kept: Mapping[str, Any]) -> None:
    """Let places and allergies stand again that a merge ended only because there were two."""
    for allergy_id in kept["allergies"]:
        tx.fetch(Allergy, allergy_id, "allergy").is_active = True
    for entry_id in kept["entries"]:
        entry = tx.fetch(WaitlistEntry, entry_id, "entry of the waiting list")
        if entry.status == WaitlistStatus.WITHDRAWN:
            entry.status = WaitlistStatus.WAITING.value
            tx.touch(entry)
            tx.changed(Topic.WAITLIST, doctor_id=entry.doctor_id, entity_id=entry.id)
