"""Merging two registrations of one person, and taking that back.

One of the two survives: everything that belongs to the other goes to it in one unit of work, as
the schema's foreign keys tell (`store.merge_rows`), and both patient numbers find it from then on.
The other stays as a row that nobody finds, books or changes, so that the merge can be undone.

Appointments that lie over each other stay as they are and are told: which of them is meant only a
person knows. Of two places on one waiting list the earlier stays. Of two accounts one stays; the
other signs in no more.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import or_, select

from store import apart, merge_rows, patient_rows
from store import merge_parts as parts
from store.appointment_views import VISIT, views
from store.changes import Topic
from store.errors import InUse, Invalid, NotFound
from store.patients import numbered
from store.permissions import Action, allowed, require
from store.tables import Patient, PatientMerge, table_of
from store.transaction import Transaction
from store.values import (
    AppointmentStatus,
    AppointmentView,
    MergeField,
    MergePreview,
    MergeView,
    PatientView,
)

_MEDICAL = frozenset({"medical_record", "allergy"})
_TO_COME = [
    status.value
    for status in (
        AppointmentStatus.BOOKED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.IN_CONSULTATION,
    )
]
_MERGE, _PATIENT = table_of(PatientMerge), table_of(Patient)

Clashes = tuple[tuple[AppointmentView, AppointmentView], ...]


def preview(
    tx: Transaction, survivor_id: int, merged_id: int, *, take: Collection[str] = ()
) -> MergePreview:
    """What merging would do; nothing is changed. The desk is told of nothing medical.

    Raises:
        as `merge`.
    """
    survivor, merged = _both(tx, survivor_id, merged_id)
    for one in (survivor, merged):
        tx.record("patient.read", "patient", one.id, patient_id=one.id)
    anyway = parts.taken_anyway(survivor, merged)
    taken = anyway | _known(take)
    return MergePreview(
        survivor=_view(tx, survivor_id),
        merged=_view(tx, merged_id),
        fields=tuple(
            MergeField(
                name, parts.told(tx, survivor, name), parts.told(tx, merged, name), name in taken
            )
            for name in parts.FIELDS
            if parts.values_of(survivor, name) != parts.values_of(merged, name)
            and (name in anyway or parts.is_told(merged, name))
        ),
        moves=_shown(tx, merge_rows.count_all(tx, merged_id)),
        clashes=_clashes(tx, survivor_id, merged_id),
        apart=tuple(sorted((survivor_id, merged_id))) in apart.pairs(tx),
    )


def merge(
    tx: Transaction,
    survivor_id: int,
    merged_id: int,
    *,
    take: Collection[str] = (),
    versions: tuple[int, int] | None = None,
) -> MergeView:
    """Merge the second patient into the first.

    Args:
        take: which of `merge_parts.FIELDS` are the merged patient's from now on, besides those of
            which the survivor has nothing.
        versions: those that somebody saw of both.

    Raises:
        Invalid: the same patient twice, or `take` names no field.
        InUse: one of them was merged before, or the survivor is deactivated.
        ChangedMeanwhile: one of them is not as it was seen.
        NotFound: there is no such patient.
    """
    survivor, merged = _both(tx, survivor_id, merged_id)
    taken = parts.taken_anyway(survivor, merged) | _known(take)
    for row, version in zip((survivor, merged), versions or (None, None), strict=True):
        tx.expect(row, version)
    tx.lock_waiting_list()
    clashes = _clashes(tx, survivor_id, merged_id)
    before = patient_rows.keyed(tx, survivor)
    kept: dict[str, Any] = {"active": merged.is_active}
    kept["accounts"] = parts.leave_one_account(tx, survivor, merged, "account" in taken)
    kept["fields"] = parts.take_over(tx, survivor, merged, taken)
    # Before anything moves: the database lets a signed record go to no other patient.
    done = tx.add(
        PatientMerge(
            survivor_id=survivor_id,
            merged_id=merged_id,
            moved="",
            at=tx.now,
            by=tx.actor.account_id,
        )
    )
    kept["rows"] = merge_rows.move_all(tx, merged_id, survivor_id)
    kept["entries"] = parts.leave_one_place(tx, survivor_id)
    kept["allergies"] = parts.put_repeated_away(
        tx, survivor_id, kept["rows"].get("allergy.patient_id", [])
    )
    merged.is_active, merged.merged_into_id = False, survivor_id
    for row in (survivor, merged):
        tx.touch(row)
    done.moved = json.dumps(kept)
    tx.session.flush()
    patient_rows.find_anew(tx, survivor, before)
    counts = merge_rows.by_table(kept["rows"])
    _tell(tx, "patient.merge", survivor_id, merged_id, {"fields": sorted(kept["fields"]), **counts})
    return _done(tx, done, counts, clashes)


def unmerge(tx: Transaction, merged_id: int) -> MergeView:
    """Take the merge of a patient back: what was that patient's is again, with what came of those
    appointments since. What the survivor got since then stays, and so does a particular that was
    changed since.

    Raises:
        NotFound: there is no such patient.
        InUse: the patient was not merged; `details["merged"]` lists who was merged into it.
    """
    require(tx, Action.PATIENT_MERGE, patient_id=merged_id)
    merged = tx.fetch(Patient, merged_id, "patient")
    if merged.merged_into_id is None:
        numbers = [mrn for mrn, _ in patient_rows.keyed(tx, merged).former]
        named = f" Name one of those merged into it: {', '.join(numbers)}." if numbers else ""
        raise InUse(f"{merged.mrn} was not merged into another patient.{named}", merged=numbers)
    survivor_id = merged.merged_into_id
    survivor = tx.fetch(Patient, survivor_id, "patient")
    tx.lock_waiting_list()
    last = select(_MERGE.c.id).where(_MERGE.c.merged_id == merged_id, _MERGE.c.undone_at.is_(None))
    done = tx.fetch(PatientMerge, tx.session.execute(last).scalar_one(), "merge")
    kept: dict[str, Any] = json.loads(done.moved)
    before = patient_rows.keyed(tx, survivor)
    merged.is_active, merged.merged_into_id = bool(kept["active"]), None
    done.undone_at = tx.now
    tx.session.add(done)
    parts.give_back(survivor, kept["fields"])
    parts.give_accounts_back(tx, survivor, merged, kept["accounts"])
    for row in (survivor, merged):
        tx.touch(row)
    parts.stand_again(tx, kept)
    counts = merge_rows.by_table(merge_rows.move_back(tx, kept["rows"], survivor_id, merged_id))
    patient_rows.find_anew(tx, survivor, before)
    _tell(tx, "patient.unmerge", survivor_id, merged_id, counts)
    return _done(tx, done, counts, ())


def merged_into(tx: Transaction, patient_id: int) -> list[PatientView]:
    """Who was merged into a patient."""
    require(tx, Action.PATIENT_READ, patient_id=patient_id)
    into = _PATIENT.c.merged_into_id == patient_id
    rows = patient_rows.patient_query().join(_MERGE, _MERGE.c.merged_id == _PATIENT.c.id)
    of = (_MERGE.c.survivor_id == patient_id) & _MERGE.c.undone_at.is_(None)
    return patient_rows.patient_views(tx, tx.session.execute(rows.where(of, into)))


def named(tx: Transaction, ref: int | str) -> int:
    """The id of exactly the patient that a reference names, merged or not.

    Raises:
        NotFound: there is none.
    """
    require(tx, Action.PATIENT_MERGE)
    found, mistyped = numbered(tx, ref)
    if not found:
        raise NotFound(mistyped or "There is no such patient.", entity="patient", id=ref)
    return found


def _known(take: Collection[str]) -> set[str]:
    unknown = sorted(set(take) - set(parts.FIELDS))
    if unknown:
        raise Invalid.field("take", f"Take any of {', '.join(parts.FIELDS)}, not {unknown[0]}.")
    return set(take)


def _both(tx: Transaction, survivor_id: int, merged_id: int) -> tuple[Patient, Patient]:
    for one in (survivor_id, merged_id):
        require(tx, Action.PATIENT_MERGE, patient_id=one)
    if survivor_id == merged_id:
        raise Invalid.field("merged", "These are one patient already. Choose two.")
    # In one order, so that two who merge the same two the other way round wait for each other.
    rows = {one: tx.fetch(Patient, one, "patient") for one in sorted((survivor_id, merged_id))}
    for row in rows.values():
        patient_rows.require_unmerged(tx, row)
    survivor = rows[survivor_id]
    if not survivor.is_active:
        raise InUse(
            f"{survivor.mrn} is deactivated. Activate that patient, or merge the other way round."
        )
    return survivor, rows[merged_id]


def _clashes(tx: Transaction, survivor_id: int, merged_id: int) -> Clashes:
    """Appointments to come of the one that lie over those of the other."""
    found = views(
        tx,
        or_(VISIT.c.patient_id == survivor_id, VISIT.c.patient_id == merged_id),
        VISIT.c.status.in_(_TO_COME),
        VISIT.c.ends_at > tx.now,
    )
    mine = [one for one in found if one.patient_id == survivor_id]
    theirs = [one for one in found if one.patient_id == merged_id]
    return tuple(
        (one, other)
        for one in mine
        for other in theirs
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    )


def _shown(tx: Transaction, counts: Mapping[str, int]) -> dict[str, int]:
    """The counts that the actor may know of."""
    medical = allowed(tx.actor, Action.RECORD_READ)
    return {name: n for name, n in counts.items() if medical or name not in _MEDICAL}


def _tell(
    tx: Transaction, action: str, survivor_id: int, merged_id: int, detail: Mapping[str, Any]
) -> None:
    both = {"survivor": survivor_id, "merged": merged_id}
    for one in (survivor_id, merged_id):
        tx.record(action, "patient", one, patient_id=one, detail={**both, **detail})
        tx.changed(Topic.PATIENT, entity_id=one)
    for topic in (Topic.APPOINTMENT, Topic.RECORD, Topic.WAITLIST):
        tx.changed(topic)


def _done(
    tx: Transaction, row: PatientMerge, counts: Mapping[str, int], clashes: Clashes
) -> MergeView:
    assert row.id is not None
    return MergeView(
        id=row.id,
        survivor=_view(tx, row.survivor_id),
        merged=_view(tx, row.merged_id),
        moved=_shown(tx, counts),
        clashes=clashes,
        at=tx.local(row.at),
        undone_at=tx.maybe_local(row.undone_at),
    )


def _view(tx: Transaction, patient_id: int) -> PatientView:
    tx.session.flush()
    query = patient_rows.patient_query().where(_PATIENT.c.id == patient_id)
    return patient_rows.patient_views(tx, tx.session.execute(query))[0]
