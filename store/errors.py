"""Every refusal of the hospital, as one family.

Each error carries a `code` that scripts read (see the command line's exit codes), one sentence
for a person that says what to do next, and `details` that a screen can place beside a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from store.values import Duty


class StoreError(Exception):
    """A refusal with a code, one sentence and details; never a fault of the program.

    `keeps_writes` says that what the transaction wrote so far stands although it refuses
    (a counted sign-in attempt must survive the refusal that it causes).
    """

    code: ClassVar[str] = "internal"
    keeps_writes: ClassVar[bool] = False

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = details


class NotSignedIn(StoreError):
    """Nobody is signed in, and the action needs somebody."""

    code = "not_signed_in"


class BadCredentials(StoreError):
    """Unknown name or wrong password; which of the two is never told."""

    code = "bad_credentials"


class AccountLocked(StoreError):
    """Too many wrong passwords; `details["until"]` is the UTC moment of the next try."""

    code = "account_locked"


class CodeNeeded(StoreError):
    """The password is right, and the account has a second factor: its code is asked for."""

    code = "code_needed"
    keeps_writes = True


class WrongCode(StoreError):
    """The code of the second factor is wrong, too old, or was used before."""

    code = "wrong_code"
    keeps_writes = True


class TooManyCodes(AccountLocked):
    """Too many wrong codes of a second factor; `details` as of AccountLocked."""

    keeps_writes = True


class SessionEnded(StoreError):
    """The login session was signed out, expired, or its account was deactivated."""

    code = "session_ended"


class Forbidden(StoreError):
    """The role may not do this, or not to this row."""

    code = "forbidden"


class DutyFirst(Forbidden):
    """The account must do something before it may do anything else; see `values.Duty`."""

    def __init__(self, message: str, duty: Duty, **details: Any) -> None:
        super().__init__(message, duty=duty, **details)
        self.duty = duty


class PasswordChangeNeeded(DutyFirst):
    """The password was chosen by somebody else, and has to be changed first."""

    code = "password_change_needed"


class SecondFactorNeeded(DutyFirst):
    """The role needs a second factor, which has to be set up first."""

    code = "second_factor_needed"


class NotFound(StoreError):
    """No such thing, or none that this actor may know of."""

    code = "not_found"


class Invalid(StoreError):
    """Data that cannot be accepted; `details["fields"]` maps a field's name to its sentence."""

    code = "invalid"

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None, **details: Any):
        super().__init__(message, fields=dict(fields or {}), **details)

    @classmethod
    def field(cls, name: str, sentence: str) -> Invalid:
        """A refusal of one field."""
        return cls(sentence, fields={name: sentence})

    @property
    def fields(self) -> dict[str, str]:
        """Field name to sentence, for a form."""
        fields: dict[str, str] = self.details["fields"]
        return fields


class ImportRejected(StoreError):
    """A file of which nothing was taken; `details["rows"]` lists each refused row."""

    code = "import_rejected"


class SlotTaken(StoreError):
    """Another appointment holds the time; `details["nearest"]` offers free slots instead."""

    code = "slot_taken"


class SlotUnavailable(StoreError):
    """The time is in the past, outside working hours, on leave or on a holiday."""

    code = "slot_unavailable"


class OfferGone(SlotTaken):
    """The slot that was offered from the waiting list cannot be booked any more; that the entry
    waits again stands although the booking is refused."""

    keeps_writes = True


class PatientBusy(StoreError):
    """The patient has another appointment that overlaps."""

    code = "patient_busy"


class IllegalTransition(StoreError):
    """The appointment's status does not allow this move."""

    code = "illegal_transition"


class OfferOver(IllegalTransition):
    """The time to answer an offer of the waiting list has passed; that the slot goes on to the
    next stands although the answer is refused."""

    keeps_writes = True


class ChangedMeanwhile(StoreError):
    """Somebody else changed the thing since it was read."""

    code = "changed_meanwhile"


class InUse(StoreError):
    """Something still depends on the thing; `details` names what."""

    code = "in_use"


class Duplicate(StoreError):
    """A thing with this name or key exists."""

    code = "duplicate"


class Unavailable(StoreError):
    """The database, Redis or the mail server does not answer."""

    code = "unavailable"


class Damaged(Unavailable):
    """The file of a SQLite hospital is damaged; the sentence names the backup to restore."""


class ConnectionBroke(Unavailable):
    """The connection to the database broke, and nothing of the unit of work stands."""

    def __init__(self) -> None:
        super().__init__("The database went away, and nothing was saved. Try again in a moment.")


class AnswerLost(Unavailable):
    """The connection broke between commit and answer, and the database is not back yet to tell
    whether the unit stands. `proof` asks it later (see `front_door.Store.stands`), and `result` is
    what the rule gave back if it does."""

    def __init__(self, proof: str) -> None:
        super().__init__(
            "The database went away before it said whether this was saved. "
            "Look before you do it again."
        )
        self.proof = proof
        self.result: object = None


class WrongConfiguration(StoreError):
    """The configuration, or the database it names, cannot be used as it is."""

    code = "configuration"


class OtherVersion(WrongConfiguration):
    """The database was upgraded, or replaced by one of another version, under a program that runs:
    `found` and `needed` are versions of the schema. It has to be started anew."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(
            f"The database is now of another version of Chikitsa (schema {found}, this program has"
            f" {needed}), so nothing was saved. Quit, and start Chikitsa again.",
            found=found,
            needed=needed,
        )
        self.found, self.needed = found, needed
