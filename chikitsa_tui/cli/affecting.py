"""Changes that take the time from under booked appointments: tell which, ask, then act.

Nothing is asked where no appointment is affected, nor where those that are stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import Hospital
from chikitsa_tui.cli.errors import lines_of
from chikitsa_tui.cli.inputs import affected_choice
from chikitsa_tui.cli.output import Output, note
from store.errors import ChangedMeanwhile, InUse
from store.values import Affected

if TYPE_CHECKING:
    from store.transaction import Transaction

T = TypeVar("T")
Appointments = list[dict[str, Any]]
"""Appointments as a refusal's details list them."""

OPTION = "--affected keep|cancel|move"
_QUESTIONS = {
    Affected.CANCEL: ("Cancel it?", "Cancel them?"),
    Affected.MOVE: ("Move it to another slot?", "Move them to other slots?"),
}


class _TakenBack(Exception):
    """Ends a part of the work that shall leave nothing behind."""


def change(
    hospital: Hospital,
    out: Output,
    rule: Callable[[Transaction, Affected | None], T],
    affected: str | None,
    *,
    yes: bool,
    dry_run: bool,
    question: str = "",
) -> T | None:
    """Run a changing rule that wants a choice about booked appointments; None for a dry run,
    which is answered here.

    Args:
        question: asked whether appointments are affected or not (the change deletes something).

    Raises:
        InUse: appointments are affected and nothing was chosen; names the option.
        Usage: nobody is there to ask and `--yes` was not given, or the answer was no.
        ChangedMeanwhile: other appointments than those that were told are affected by now.
    """
    hospital.require_actor()
    choice = affected_choice(affected)
    if dry_run:
        _tell(out, choice, _look(hospital, rule, choice))
        return None
    told = None if yes else _ask(hospital, rule, choice, question)
    done, hit = _act(hospital, rule, choice, told)
    if hit and not told:
        note(_count(hit))
    return done


def trial(hospital: Hospital, rule: Callable[[Transaction], T]) -> T:
    """What a changing rule would answer; nothing of it stays."""
    answers: list[T] = []

    def whole(tx: Transaction) -> None:
        answers.append(rule(tx))
        raise _TakenBack

    with suppress(_TakenBack):
        hospital.write(whole)
    return answers[0]


def _tell(out: Output, choice: Affected | None, hit: Appointments) -> None:
    """Answer a dry run."""
    if out.form == "json":
        out.one({"dry_run": True, "affected": choice, "appointments": hit})
    elif hit:
        out.rows(hit, lambda one: one | {"starts_at": datetime.fromisoformat(one["starts_at"])})
    note(f"{_count(hit)} Nothing was done.")


def _count(hit: Appointments) -> str:
    """How many appointments are affected, as a sentence."""
    if len(hit) == 1:
        return "1 booked appointment is affected."
    return f"{len(hit) or 'No'} booked appointments are affected."


def _ask(
    hospital: Hospital,
    rule: Callable[[Transaction, Affected | None], Any],
    choice: Affected | None,
    question: str,
) -> Appointments | None:
    """Ask where there is something to ask; the appointments that were told."""
    touches = choice in _QUESTIONS
    if not touches and not question:
        return None
    hit = _look(hospital, rule, None)
    if hit and choice is None:
        return None
    if hit and choice in _QUESTIONS:
        of_them = _QUESTIONS[choice][len(hit) > 1]
        question = " ".join(filter(None, (question, _count(hit), of_them)))
    if question:
        confirm(question, yes=False, about=lines_of(hit), appointments=hit)
    return hit


def _act(
    hospital: Hospital,
    rule: Callable[[Transaction, Affected | None], T],
    choice: Affected | None,
    told: Appointments | None,
) -> tuple[T, Appointments]:
    def whole(tx: Transaction) -> tuple[T, Appointments]:
        hit = [] if choice is None else _hit(tx, rule)
        if told is not None and _ids(hit) != _ids(told) and choice is not None:
            raise ChangedMeanwhile("Other appointments are affected by now. Look again.")
        return rule(tx, choice), hit

    try:
        return hospital.write(whole)
    except InUse as refusal:
        if "appointments" not in refusal.details:
            raise
        sentence = f"{refusal.message.removesuffix('.')}: {OPTION}"
        raise InUse(sentence, **refusal.details) from None


def _look(
    hospital: Hospital,
    rule: Callable[[Transaction, Affected | None], Any],
    choice: Affected | None,
) -> Appointments:
    """The appointments that the change would hit; with a choice, the change is tried as well.
    Nothing of it stays."""

    def whole(tx: Transaction) -> Appointments:
        hit = _hit(tx, rule)
        if hit and choice is not None:
            rule(tx, choice)
        return hit

    return trial(hospital, whole)


def _hit(tx: Transaction, rule: Callable[[Transaction, Affected | None], Any]) -> Appointments:
    """The appointments because of which the rule refuses to go on without a choice."""
    try:
        with tx.attempt():
            rule(tx, None)
            raise _TakenBack
    except _TakenBack:
        return []
    except InUse as refusal:
        if "appointments" not in refusal.details:
            raise
        found: Appointments = refusal.details["appointments"]
        return found


def _ids(hit: Appointments) -> set[int]:
    return {one["id"] for one in hit}
