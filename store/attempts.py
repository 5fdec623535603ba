"""Slowing down whoever guesses passwords: counted before hashing, so that many at once count too.

A name's first wrong passwords cost nothing; then each waits twice as long as the one before, and
every so many lock it for minutes (NIST SP 800-63B-4 §3.2.2). A name that no account has is counted
in the same way, or the lock would tell which names exist. A terminal has a limit of its own, over
all names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from store import notices
from store.errors import AccountLocked
from store.hospital import SecurityRules
from store.references import name_key
from store.tables import Account, SignInAttempt, table_of
from store.text import search_key
from store.transaction import Transaction
from store.values import SecurityEvent

TERMINAL_WINDOW = timedelta(minutes=5)
"""Over how long a terminal's tries are counted."""

CODE_LIMITS = (
    (5, timedelta(minutes=5)),
    (20, timedelta(hours=1)),
    (50, timedelta(days=1)),
)
"""How many wrong codes of a second factor are taken, and within how long."""

_KEPT = timedelta(days=30)
_ATTEMPT = table_of(SignInAttempt)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try: what to verify, or until when (UTC) no try is taken. `by_code` tells that it
    is a one-time code, which may be typed in any of its forms."""

    id: int | None = None
    account_id: int | None = None
    stored: str | None = None
    wait_until: datetime | None = None
    by_code: bool = False


def find_account(tx: Transaction, name: str) -> Account | None:
    """The account of a user name or an e-mail address, locked against other tries."""
    key = name_key(name)
    column = Account.email if "@" in key else Account.username
    query = select(Account).where(column == key).with_for_update()  # type: ignore[arg-type]
    account: Account | None = tx.session.execute(query).scalar_one_or_none() if key else None
    return account


def count(tx: Transaction, account: Account | None, name: str, terminal: str) -> Attempt:
    """Count a try at an account, or at a name that none has, before its password is looked at."""
    rules, subject = tx.rules.security, "" if account else _subject(name)
    tx.session.execute(delete(_ATTEMPT).where(_ATTEMPT.c.at < tx.now - _KEPT))
    waits = [_terminal_wait(tx, terminal)]
    if account is None:
        failures, last = _failures_of(tx, subject)
        waits += _waits(failures, last, rules)
    else:
        failures = account.failed_attempts
        waits += [account.next_attempt_at, account.locked_until]
    wait = max((moment for moment in waits if moment is not None), default=tx.now)
    if wait > tx.now:
        return Attempt(account_id=account.id if account else None, wait_until=wait)
    if account is not None:
        account.failed_attempts = failures + 1
        account.next_attempt_at, account.locked_until = _waits(failures + 1, tx.now, rules)
        tx.session.add(account)
        if account.locked_until is not None:
            notices.tell(tx, account, SecurityEvent.LOCKED)
    row = tx.add(SignInAttempt(at=tx.now, terminal=terminal, subject=subject))
    if account is None:
        return Attempt(row.id)
    stored = stored_of(account) if account.is_active else None
    return Attempt(row.id, account.id, stored, by_code=account.reset_code_expires_at is not None)


def stored_of(account: Account) -> str | None:
    """What a password is compared with: its hash, or that of a one-time code in its place."""
    return account.password_hash or account.reset_code_hash


def count_code(tx: Transaction, account_id: int) -> Attempt:
    """Count a try at the code of an account's second factor, before the code is looked at. The
    account's row is locked by the caller, so that tries at once are counted one by one."""
    subject, now = _code_subject(account_id), tx.now
    for most, window in CODE_LIMITS:
        tries = list(
            tx.session.execute(
                select(_ATTEMPT.c.at)
                .where(
                    _ATTEMPT.c.subject == subject,
                    _ATTEMPT.c.at > now - window,
                    ~_ATTEMPT.c.succeeded,
                )
                .order_by(_ATTEMPT.c.at.desc())
                .limit(most)
            ).scalars()
        )
        if len(tries) == most:
            return Attempt(account_id=account_id, wait_until=tries[-1] + window)
    row = tx.add(SignInAttempt(at=now, terminal=tx.actor.terminal, subject=subject))
    return Attempt(row.id, account_id)


def forget_codes(tx: Transaction, account_id: int) -> None:
    """Let an account's wrong codes limit it no longer."""
    tx.session.execute(delete(_ATTEMPT).where(_ATTEMPT.c.subject == _code_subject(account_id)))


def forgive_code(tx: Transaction, attempt: Attempt) -> None:
    """The code was right: this try is neither the account's nor the terminal's."""
    tx.session.execute(_ATTEMPT.update().where(_ATTEMPT.c.id == attempt.id).values(succeeded=True))


def forgive(tx: Transaction, attempt: Attempt, account: Account) -> None:
    """The password was right: the account's tries are forgotten, this one is not the terminal's."""
    account.failed_attempts, account.next_attempt_at, account.locked_until = 0, None, None
    tx.session.add(account)
    forgive_code(tx, attempt)


def refusal(until: datetime, shown_until: datetime) -> AccountLocked:
    """The one sentence for every limit, which never tells which it was."""
    return AccountLocked(
        f"Too many wrong passwords. Try again after {shown_until:%H:%M:%S}.", until=until
    )


def _waits(
    failures: int, last: datetime | None, rules: SecurityRules
) -> tuple[datetime | None, datetime | None]:
    """Until when the next try waits after so many failures, and until when it is locked."""
    if last is None or failures < rules.free_attempts:
        return None, None
    doublings = min(failures - rules.free_attempts, 16)
    delay = timedelta(seconds=min(2**doublings, rules.longest_delay_seconds))
    locks = failures % rules.attempts_before_lock == 0
    return last + delay, last + timedelta(minutes=rules.lock_minutes) if locks else None


def _terminal_wait(tx: Transaction, terminal: str) -> datetime | None:
    """When the terminal's oldest counted try drops out of the window, if the window is full."""
    tries = list(
        tx.session.execute(
            select(_ATTEMPT.c.at)
            .where(
                _ATTEMPT.c.terminal == terminal,
                _ATTEMPT.c.at > tx.now - TERMINAL_WINDOW,
                ~_ATTEMPT.c.succeeded,
            )
            .order_by(_ATTEMPT.c.at.desc())
            .limit(tx.rules.security.terminal_attempts)
        ).scalars()
    )
    if len(tries) < tx.rules.security.terminal_attempts:
        return None
    oldest: datetime = tries[-1]
    return oldest + TERMINAL_WINDOW


def _failures_of(tx: Transaction, subject: str) -> tuple[int, datetime | None]:
    row = tx.session.execute(
        select(func.count(), func.max(_ATTEMPT.c.at)).where(_ATTEMPT.c.subject == subject)
    ).one()
    return row[0], row[1]


def _subject(name: str) -> str:
    return hashlib.sha256(search_key(name).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _code_subject(account_id: int) -> str:
    """Not to be taken for the digest of a name, which has no colon."""
    return f"code:{account_id}"


def shown_terminal(terminal: str) -> str:
    """A terminal's name as it may be kept: it comes from the environment."""
    return _printable(terminal)[:120] or "unknown"


def _printable(characters: Iterable[str]) -> str:
    return "".join(one if one.isprintable() else "·" for one in characters)
