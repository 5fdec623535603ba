"""One step of the desk for several appointments at once, and taking it back at once.

All of them are one unit of work, so that a lost connection leaves nothing half done; each is an
attempt of its own in it, so that one that is refused does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from store import appointments, desk, undo
from store.errors import Forbidden, Invalid, StoreError
from store.transaction import Transaction
from store.values import AppointmentView, RefusedStep, Several, Step

_RULES: dict[Step, Callable[..., AppointmentView]] = {
    Step.CHECK_IN: desk.check_in,
    Step.NO_SHOW: appointments.no_show,
    Step.LEFT: appointments.left,
    Step.CANCEL: appointments.cancel,
    Step.UNDO: undo.undo,
}
_WITH_REASON = frozenset({Step.LEFT, Step.CANCEL})
MOST = 500
"""So many appointments a table shows, and so many one step takes."""


def apply(
    tx: Transaction,
    step: Step,
    targets: Sequence[tuple[int, int | None]],
    *,
    reason: str = "",
) -> Several:
    """Take the step for each appointment, in this order; a target is its id and the version that
    somebody saw, or None. The rule of the step decides on each, as it does on one alone.

    Raises:
        Invalid: nothing or too much is given.
        Forbidden: the actor may do this to none of them.
        StoreError: a single appointment is refused as its rule refuses it.
    """
    if not 0 < len(targets) <= MOST:
        raise Invalid.field("targets", f"One step takes 1 to {MOST} appointments.")
    done: list[AppointmentView] = []
    refusals: list[tuple[int, StoreError]] = []
    for appointment_id, version in dict(targets).items():
        try:
            with tx.attempt():
                done.append(_take(tx, step, appointment_id, version, reason))
        except StoreError as refusal:
            refusals.append((appointment_id, refusal))
    if not done and (len(refusals) == 1 or all(isinstance(r, Forbidden) for _, r in refusals)):
        raise refusals[0][1]
    for _, why in refusals:
        if isinstance(why, Forbidden):
            action = str(why.details.get("action", "unknown"))
            tx.record(action, "permission", "", outcome="denied")
    return Several(tuple(done), tuple(RefusedStep(which, why.message) for which, why in refusals))


def _take(
    tx: Transaction, step: Step, appointment_id: int, version: int | None, reason: str
) -> AppointmentView:
    more: dict[str, Any] = {"reason": reason} if step in _WITH_REASON else {}
    if step is not Step.UNDO:
        more["version"] = version
    return _RULES[step](tx, appointment_id, **more)
