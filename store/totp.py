"""Codes of a second factor (RFC 6238), and the recovery codes that stand in for a lost phone.

The secret is kept as it is, not encrypted: each program that checks codes would need the key, so
the key would lie beside the database and open it for whoever has both, while losing it would lock
everybody out. What protects the secret is what protects all else: the database is its owner's
alone, and its backups belong encrypted. A second factor is against a password that somebody else
knows, not against a stolen database, from which one could also take the password's hash.

A recovery code has 120 random bits, so its SHA-256 is enough to keep (OWASP ASVS 5.0 §6.5.2).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from urllib.parse import quote

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import delete, select, update

from store import attempts
from store.errors import CodeNeeded, TooManyCodes, WrongCode
from store.tables import Account, RecoveryCode, table_of
from store.transaction import Transaction

STEP_SECONDS = 30
CODES = 10
"""How many recovery codes there are."""

_SIGN_IN = "auth.second-factor"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_READ_AS = str.maketrans("ilo", "110")
_GROUPS, _GROUP = 4, 6
_LONGEST_CODE = 100
_LONGEST_URI = 134  # what a QR code of version 6 holds: 41 modules, 23 lines with a quiet zone
_SKEW = 1
_FAR_SKEW = 20
_ACCOUNT, _CODE = table_of(Account), table_of(RecoveryCode)


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32(32)


def uri_of(secret: str, username: str, hospital: str) -> str:
    """What an authenticator app reads from the QR code. The hospital's name is shortened where
    the code would not fit a terminal of 24 lines; what stays names the account."""
    for length in range(len(hospital), 0, -1):
        uri = pyotp.TOTP(secret).provisioning_uri(
            name=username, issuer_name=hospital[:length].strip()
        )
        if len(uri) <= _LONGEST_URI:
            return uri
    return f"otpauth://totp/{quote(username)}?secret={secret}"


def step_of(secret: str, code: str, at: datetime, skew: int = _SKEW) -> int | None:
    """The time step whose code this is, within `skew` steps of a moment; None for none. Takes as
    long whichever it is."""
    totp, now = pyotp.TOTP(secret, interval=STEP_SECONDS), int(at.timestamp()) // STEP_SECONDS
    given = "".join(c for c in code[:_LONGEST_CODE] if c.isascii() and not c.isspace())
    found = [
        step
        for step in range(now - skew, now + skew + 1)
        if strings_equal(totp.generate_otp(step), given)
    ]
    return found[0] if found else None


def minutes_off(secret: str, code: str, at: datetime) -> int | None:
    """By how many minutes the clock of the phone seems to differ; None where the code is no code
    of the last or the next minutes at all."""
    step = step_of(secret, code, at, _FAR_SKEW)
    if step is None:
        return None
    seconds = step * STEP_SECONDS - int(at.timestamp())
    return max(1, round(abs(seconds) / 60))


def require_code(tx: Transaction, account: Account, code: str) -> None:
    """Refuse unless this is a code of the account's second factor that was not used before, or one
    of its recovery codes. The account's row is locked, and the code is counted before it is looked
    at.

    Raises:
        CodeNeeded: there is no code.
        WrongCode: it is wrong, or used.
        TooManyCodes: `details["until"]` is the UTC moment of the next try.
    """
    assert account.id is not None
    if not code.strip():
        # Somebody knows the password, whatever becomes of it.
        tx.record("auth.code-asked", "account", account.id)
        raise CodeNeeded("Give the code of your authenticator app, or a recovery code.")
    attempt = attempts.count_code(tx, account.id)
    if attempt.wait_until is not None:
        tx.record(_SIGN_IN, "account", account.id, outcome="denied")
        shown = tx.local(attempt.wait_until)
        raise TooManyCodes(
            f"Too many wrong codes. Try again after {shown:%H:%M:%S}.", until=attempt.wait_until
        )
    if _use_code(tx, account, code):
        tx.record(_SIGN_IN, "account", account.id)
    elif _use_recovery_code(tx, account.id, code):
        tx.record(_SIGN_IN, "account", account.id, detail={"recovery_code": True})
    else:
        tx.record(_SIGN_IN, "account", account.id, outcome="failed")
        raise WrongCode(
            "That code is wrong, or was used already. Wait for the next one; if it is refused too, "
            "look at the clock of your phone."
        )
    attempts.forgive_code(tx, attempt)


def make_recovery_codes(tx: Transaction, account_id: int) -> tuple[str, ...]:
    """Ten new codes in place of all that there were; this is the only time they are seen."""
    forget_recovery_codes(tx, account_id)
    codes = tuple(new_code() for _ in range(CODES))
    tx.session.add_all(
        RecoveryCode(account_id=account_id, code_hash=_hash(code), created_at=tx.now)
        for code in codes
    )
    return codes


def forget_recovery_codes(tx: Transaction, account_id: int) -> None:
    """Let none of an account's recovery codes be used any more."""
    tx.session.execute(delete(_CODE).where(_CODE.c.account_id == account_id))


def recovery_codes_left(tx: Transaction, account_id: int) -> int:
    """How many recovery codes of an account were not used yet."""
    unused = (_CODE.c.account_id == account_id) & _CODE.c.used_at.is_(None)
    return len(tx.session.execute(select(_CODE.c.id).where(unused)).all())


def _use_code(tx: Transaction, account: Account, code: str) -> bool:
    """Whether it is a code of now; each is good once (OWASP ASVS 5.0 §6.5.1), also where two come
    at once: the newest step is compared and set in one statement."""
    step = step_of(account.totp_secret, code, tx.now) if account.totp_secret else None
    if step is None:
        return False
    tx.session.flush()
    used = tx.session.execute(
        update(_ACCOUNT)
        .where(_ACCOUNT.c.id == account.id, _ACCOUNT.c.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(_ACCOUNT.c.id)
    ).first()
    tx.session.refresh(account, ["totp_last_step"])
    return used is not None


def _use_recovery_code(tx: Transaction, account_id: int, code: str) -> bool:
    used = tx.session.execute(
        update(_CODE)
        .where(
            _CODE.c.account_id == account_id,
            _CODE.c.code_hash == _hash(code),
            _CODE.c.used_at.is_(None),
        )
        .values(used_at=tx.now)
        .returning(_CODE.c.id)
    ).first()
    return used is not None


def new_code(groups: int = _GROUPS) -> str:
    """A random code to be written down: groups of six letters and digits, 30 bits each."""
    letters = [secrets.choice(_ALPHABET) for _ in range(groups * _GROUP)]
    return "-".join("".join(letters[n : n + _GROUP]) for n in range(0, len(letters), _GROUP))


def code_as_read(code: str) -> str:
    """A code of `new_code`, however it was typed: i and l are 1, o is 0, the rest is left out."""
    letters = code[:_LONGEST_CODE].casefold().translate(_READ_AS)
    return "".join(letter for letter in letters if letter in _ALPHABET)


def _hash(code: str) -> str:
    return hashlib.sha256(code_as_read(code).encode("ascii")).hexdigest()
