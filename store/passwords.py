"""Passwords: which are accepted, and how they are kept.

A password is compared in its NFKC form and counted in code points; all of its up to 128 count
(NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 5.0 §6.2). bcrypt itself reads 72 bytes and refuses more,
so it is given a keyed digest of the whole instead. There are no rules of composition: what is
refused is what attackers try first.

Hashing takes a quarter of a second on purpose: call it outside of a unit of work.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NewType

import bcrypt

from store.errors import Invalid
from store.hospital import Rules

PasswordHash = NewType("PasswordHash", str)
"""A password as it is kept: the scheme's mark, then bcrypt's own string."""

LONGEST = 128

_SCHEME = "ck1$"
_KEY = b"chikitsa-pw-v1"
_NEVER = "." * 53
_STEM_FROM = 4


def prepare(
    password: str, rules: Rules, *, context: Iterable[str] = (), field: str = "password"
) -> PasswordHash:
    """Check a new password and hash it.

    Args:
        context: what an attacker knows of the person: user name, name, e-mail. The hospital's
            name is always among it.

    Raises:
        Invalid: as `require_acceptable`.
    """
    require_acceptable(password, rules, context=context, field=field)
    return hash_of(password, rules)


def hash_of(password: str, rules: Rules) -> PasswordHash:
    """Hash a password that is in use already, at the cost that the rules ask for."""
    salt = bcrypt.gensalt(rules.security.bcrypt_cost)
    return PasswordHash(_SCHEME + bcrypt.hashpw(_digest(password), salt).decode("ascii"))


def require_acceptable(
    password: str, rules: Rules, *, context: Iterable[str] = (), field: str = "password"
) -> None:
    """Refuse a password that is too short or long, or that would be guessed.

    Raises:
        Invalid: says which.
    """
    least, text = rules.security.minimum_length, _normal(password)
    if "\0" in text:
        raise Invalid.field(field, "A password cannot hold a NUL character.")
    if len(text) < least:
        raise Invalid.field(field, f"Choose a password of at least {least} characters.")
    if len(text) > LONGEST:
        raise Invalid.field(field, f"A password has at most {LONGEST} characters.")
    folded = text.casefold()
    if not folded.strip():
        raise Invalid.field(field, "A password needs more than spaces.")
    if folded in _common() or _is_run(folded):
        raise Invalid.field(field, "That password is among the first ones tried. Choose another.")
    if _from_context(folded, [*context, rules.hospital.name, "chikitsa"]):
        raise Invalid.field(
            field, "That password is made of a name that others know. Choose another."
        )


def verify(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed.

    Nothing stored, and what is no hash of ours, counts as wrong; it takes as long as a wrong
    password where `stored` came from `never`.
    """
    if stored is None or not stored.startswith(_SCHEME):
        return False
    try:
        right = bcrypt.checkpw(_digest(password), stored.removeprefix(_SCHEME).encode("ascii"))
    except ValueError:
        return False
    return right and len(_normal(password)) <= LONGEST


def never(rules: Rules) -> PasswordHash:
    """A hash that no password has, which takes as long to refuse as anybody's."""
    return PasswordHash(f"{_SCHEME}$2b${rules.security.bcrypt_cost:02}${_NEVER}")


def is_hash(stored: str | None) -> bool:
    """Whether something stored has the form of a hash of ours."""
    return (
        stored is not None
        and re.fullmatch(r"ck1\$\$2b\$\d\d\$[./A-Za-z0-9]{53}", stored) is not None
    )


def is_outdated(stored: str, rules: Rules) -> bool:
    """Whether a hash was made at another cost than the rules ask for now."""
    return f"${rules.security.bcrypt_cost:02}$" not in stored[: len(_SCHEME) + 8]


def _digest(password: str) -> bytes:
    """64 ASCII bytes that the whole password goes into; without NUL, which would end bcrypt's
    reading early. Keyed, so that a leaked plain digest is no way in."""
    text = _normal(password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(_KEY, text, "sha384"))


def _normal(password: str) -> str:
    """NFKC of as much as could matter: no composition makes 1,024 characters into 128."""
    return unicodedata.normalize("NFKC", password[:1024])


@cache
def _common() -> frozenset[str]:
    listed = files("store").joinpath("data", "common_passwords.txt").read_text(encoding="ascii")
    return frozenset(listed.split())


def _is_run(text: str) -> bool:
    """Whether it is one short piece repeated, or characters in a row: `aaaaaaaa`, `34567890`."""
    if re.fullmatch(r"(.{1,3})\1+.{0,2}", text, re.DOTALL):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def _from_context(text: str, context: Iterable[str]) -> bool:
    """Whether a known name, with digits and signs around it at most, is all there is."""
    bare = _letters(text)
    known = set()
    for name in context:
        folded = unicodedata.normalize("NFKC", name).casefold()
        known |= {folded, folded.partition("@")[0]}
    return text in known or bare in {
        stem for stem in map(_letters, known) if len(stem) >= _STEM_FROM
    }


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())
