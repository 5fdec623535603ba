"""Who merges patients, deals with accounts for good, and takes a whole step back."""

from __future__ import annotations

from store import accounts, apart, duplicates, merging, one_time_codes, schedule, time_off_undo
from store.errors import IllegalTransition, InUse
from store.values import TimeStep
from tests.hospital import quick_rules
from tests.matrix.prepared import Case, Whose
from tests.matrix.row import ADMIN, ADMIN_AND_OWN_DOCTOR, CONCERNED, DESK, ONCE, Row, given


def _into(c: Case) -> int:
    """Somebody else than the patient whom the case is about."""
    half = c.prepared.own if c.whose is Whose.OTHER else c.prepared.other
    return half.patient


PEOPLE = [
    Row(duplicates.likely_pairs, lambda c: given(), DESK, "ADM-6", ONCE),
    Row(apart.mark, lambda c: given(_into(c), c.patient), DESK, "ADM-6"),
    # Nobody of the prepared hospital was marked.
    Row(apart.take_back, lambda c: given(_into(c), c.patient), DESK, "ADM-6", but=(InUse,)),
    Row(apart.marked, lambda c: given(), DESK, "ADM-6", ONCE),
    Row(merging.preview, lambda c: given(_into(c), c.patient), DESK, "ADM-6"),
    Row(merging.merge, lambda c: given(_into(c), c.patient), DESK, "ADM-6"),
    # Nobody of the prepared hospital was merged.
    Row(merging.unmerge, lambda c: given(c.patient), DESK, "ADM-6", but=(InUse,)),
    Row(merging.merged_into, lambda c: given(c.patient), CONCERNED, "ADM-6"),
    Row(merging.named, lambda c: given(c.mrn), DESK, "ADM-6"),
    Row(schedule.affected, lambda c: given(c.doctor, []), ADMIN, "ADM-11"),
    # The prepared hospital has no such step of the actor's own.
    Row(
        time_off_undo.take_back,
        lambda c: given(TimeStep.LEAVE, c.leave),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-11",
        but=(IllegalTransition,),
    ),
    Row(
        time_off_undo.take_back,
        lambda c: given(TimeStep.HOURS, c.doctor),
        ADMIN,
        "ADM-11",
        but=(IllegalTransition,),
    ),
    Row(
        time_off_undo.take_back,
        lambda c: given(TimeStep.DOCTOR, c.doctor),
        ADMIN,
        "ADM-11",
        but=(IllegalTransition,),
    ),
    Row(
        time_off_undo.take_back,
        lambda c: given(TimeStep.HOLIDAY, c.prepared.holiday),
        ADMIN,
        "ADM-11",
        ONCE,
        but=(IllegalTransition,),
    ),
    # Accounts of the prepared hospital were used, or are the actor's own.
    Row(accounts.delete, lambda c: given(c.account), ADMIN, "ADM-9", but=(InUse,)),
    Row(
        one_time_codes.reset_password,
        lambda c: given(c.account, one_time_codes.make(quick_rules())),
        ADMIN,
        "ADM-9",
        but=(InUse,),
    ),
]
