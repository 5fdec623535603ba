"""One step of the desk for several appointments at once, and taking it back at once; one step of
the administration for several messages.

All of them are one unit of work, so that a lost connection leaves nothing half done; each is an
attempt of its own in it, so that one that is refused does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from store import appointments, desk, outbox, undo
from store.errors import Forbidden, Invalid, StoreError
from store.transaction import Transaction
from store.values import (
    AppointmentView,
    MailStep,
    OutboxView,
    RefusedMail,
    RefusedStep,
    Several,
    SeveralMails,
    Step,
)

T = TypeVar("T")

_RULES: dict[Step, Callable[..., AppointmentView]] = {
    Step.CHECK_IN: desk.check_in,
    Step.NO_SHOW: appointments.no_show,
    Step.LEFT: appointments.left,
    Step.CANCEL: appointments.cancel,
    Step.UNDO: undo.undo,
}
_MAIL_RULES: dict[MailStep, Callable[..., OutboxView]] = {
    MailStep.RETRY: outbox.retry,
    MailStep.DISCARD: outbox.discard,
}
_WITH_REASON = frozenset({Step.LEFT, Step.CANCEL})
MOST = 500
"""So many rows a table shows, and so many one step takes."""


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
    versions = dict(targets)
    done, refused = _each(
        tx, versions, lambda which: _take(tx, step, which, versions[which], reason)
    )
    return Several(done, tuple(RefusedStep(which, why) for which, why in refused))


def mail(tx: Transaction, step: MailStep, message_ids: Sequence[int]) -> SeveralMails:
    """Take the step for each message, in this order, as its rule does for one alone.

    Raises:
        as `apply`.
    """
    rule = _MAIL_RULES[step]
    done, refused = _each(tx, dict.fromkeys(message_ids), lambda which: rule(tx, which))
    return SeveralMails(done, tuple(RefusedMail(which, why) for which, why in refused))


def _each(
    tx: Transaction, targets: Collection[int], take: Callable[[int], T]
) -> tuple[tuple[T, ...], list[tuple[int, str]]]:
    """What was done, and which were refused and why."""
    if not 0 < len(targets) <= MOST:
        raise Invalid.field("targets", f"One step takes 1 to {MOST} of them.")
    done: list[T] = []
    refusals: list[tuple[int, StoreError]] = []
    for which in targets:
        try:
            with tx.attempt():
                done.append(take(which))
        except StoreError as refusal:
            refusals.append((which, refusal))
    if not done and (len(refusals) == 1 or all(isinstance(r, Forbidden) for _, r in refusals)):
        raise refusals[0][1]
    for _, why in refusals:
        if isinstance(why, Forbidden):
            action = str(why.details.get("action", "unknown"))
            tx.record(action, "permission", "", outcome="denied")
    return tuple(done), [(which, why.message) for which, why in refusals]


def _take(
    tx: Transaction, step: Step, appointment_id: int, version: int | None, reason: str
) -> AppointmentView:
    more: dict[str, Any] = {"reason": reason} if step in _WITH_REASON else {}
    if step is not Step.UNDO:
        more["version"] = version
    return _RULES[step](tx, appointment_id, **more)
