"""Who finds and merges patients who are registered twice, and who deals with accounts for good."""

from __future__ import annotations

from store import accounts, duplicates, merging, one_time_codes
from store.errors import InUse
from tests.hospital import quick_rules
from tests.matrix.prepared import Case, Whose
from tests.matrix.row import ADMIN, CONCERNED, DESK, ONCE, Row, given


def _into(c: Case) -> int:
    """Somebody else than the patient whom the case is about."""
    half = c.prepared.own if c.whose is Whose.OTHER else c.prepared.other
    return half.patient


PEOPLE = [
    Row(duplicates.likely_pairs, lambda c: given(), DESK, "ADM-6", ONCE),
    Row(merging.preview, lambda c: given(_into(c), c.patient), DESK, "ADM-6"),
    Row(merging.merge, lambda c: given(_into(c), c.patient), DESK, "ADM-6"),
    # Nobody of the prepared hospital was merged.
    Row(merging.unmerge, lambda c: given(c.patient), DESK, "ADM-6", but=(InUse,)),
    Row(merging.merged_into, lambda c: given(c.patient), CONCERNED, "ADM-6"),
    Row(merging.named, lambda c: given(c.mrn), DESK, "ADM-6"),
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
