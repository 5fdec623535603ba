"""E-mail addresses in the form that mail servers take."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


class UnusableAddress(ValueError):
    """No mail can be sent to, or from, this address; the message says why."""


def wire_form(given: str) -> str:
    """An address with its domain in ASCII; only the name before the @ may be of other letters.

    Raises:
        UnusableAddress: it is none.
    """
    if _PLAIN.fullmatch(given):  # desk@hospital.local among them
        return given
    try:
        valid = validate_email(given, check_deliverability=False)
    except EmailNotValidError as error:
        raise UnusableAddress(f"The address cannot be used: {error}") from error
    return valid.ascii_email or valid.normalized
