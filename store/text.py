"""What text from outside may be, decided once for every field.

Letters, marks and emoji of any script are welcome, joiners (U+200C, U+200D) among them, which
Indic scripts and emoji need. What drives a terminal (control characters), turns reading order
around (bidirectional overrides and isolates) or hides (zero-width spaces, tags) is refused in
short fields by naming its position, so that nothing stored can act on a screen or in a mail.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from store.errors import Invalid

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN = re.compile(r"[\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_+-])){0,62}[A-Za-z0-9]?")
_PLAIN_LINE = re.compile(r"[!-~]+(?: [!-~]+)*")
_LETTER = re.compile(r"[A-Za-z0-9]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_MARKS_PER_LETTER = 3


def clean_line(value: object, field: str, *, most: int = 200, required: bool = False) -> str:
    """A single line: NFC, trimmed, inner white space collapsed.

    Raises:
        Invalid: a control or hidden character, more than `most` characters, or nothing where
            something is `required`.
    """
    if not value and not required:
        return ""
    if isinstance(value, str) and len(value) <= most and _PLAIN_LINE.fullmatch(value):
        return value
    text = unicodedata.normalize("NFC", str(value or ""))
    text = text.strip()
    _refuse_acting(text, field)
    text = " ".join(text.split())
    _refuse_long(text, field, most)
    if required and not text:
        raise Invalid.field(field, f"Give the {_label(field)}.")
    return text


def clean_name(value: object, field: str = "name", *, most: int = 120) -> str:
    """A name of a person or thing, which must have at least one letter or digit.

    Raises:
        Invalid: as `clean_line`, and where combining marks are piled up on a letter.
    """
    text = clean_line(value, field, most=most, required=True)
    if text.isascii() and _LETTER.search(text):
        return text
    pile = 0
    for character in unicodedata.normalize("NFD", text):
        pile = pile + 1 if unicodedata.combining(character) else 0
        if pile > _MARKS_PER_LETTER:
            raise Invalid.field(field, f"The {_label(field)} has too many marks on one letter.")
    if not any(character.isalnum() for character in text):
        raise Invalid.field(field, f"The {_label(field)} needs at least one letter.")
    return text


def clean_note(value: object, field: str, *, most: int = 20_000) -> str:
    """Text of several lines; line ends become newlines, hidden characters are dropped.

    Raises:
        Invalid: a control character other than newline and tab, or more than `most` characters.
    """
    if isinstance(value, str) and len(value) <= most and _PLAIN_LINE.fullmatch(value):
        return value
    text = unicodedata.normalize("NFC", str(value or "")).replace("\r\n", "\n").replace("\r", "\n")
    text = _HIDDEN.sub("", text).strip()
    _refuse_acting(text.replace("\n", " ").replace("\t", " "), field)
    _refuse_long(text, field, most)
    return text


def clean_language(value: object, field: str = "language") -> str:
    """The code of a language (BCP 47: `en`, `hi`, `ta-IN`), or nothing for nothing.

    Raises:
        Invalid: it is no such code.
    """
    text = clean_line(value, field, most=8)
    if text and not _LANGUAGE.fullmatch(text):
        raise Invalid.field(field, "Give the language by its code, such as en, hi or ta.")
    return text


def clean_email(value: object, field: str = "email") -> str | None:
    """An e-mail address, case-folded, or None for nothing.

    Raises:
        Invalid: not one deliverable-looking address (RFC 5321 without quoted local parts).
    """
    text = clean_line(value, field, most=254)
    if not text:
        return None
    local, _, domain = text.rpartition("@")
    try:
        if _PLAIN_LOCAL.fullmatch(local):
            # Addresses come by the hundred thousand, domains do not: each is judged once.
            return f"{local}@{_mail_domain(domain)}".casefold()
        return _address(text).normalized.casefold()
    except ValueError:
        raise Invalid.field(field, "That is not an e-mail address like name@example.org.") from None


def clean_phone(value: object, field: str = "phone", *, region: str = "IN") -> str | None:
    """A telephone number in E.164 (`+919845011223`), or None for nothing.

    Numbers without a country code are read as of `region` (ISO 3166).

    Raises:
        Invalid: no telephone number can be read from it.
    """
    text = clean_line(value, field, most=40)
    if not text:
        return None
    if (short := _as_written(text, region)) is not None:
        return short
    import phonenumbers

    sentence = "That is not a telephone number; write it as 98450 11223 or +91 98450 11223."
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Invalid.field(field, sentence) from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid.field(field, sentence)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(4096)
def _mail_domain(domain: str) -> str:
    """A domain as it is kept.

    Raises:
        ValueError: it is none.
    """
    return _address(f"a@{domain}").domain


def _address(text: str) -> ValidatedEmail:
    from email_validator import validate_email

    return validate_email(text, check_deliverability=False, strict=True)


def _as_written(text: str, region: str) -> str | None:
    """A number in E.164 that is written so, or as ten digits or so of its own country; None where
    the library has to be asked. The digits and lengths it knows decide, as they would there."""
    code, lengths, prefix = _own_country(region)
    national = text.removeprefix(f"+{code}") if code else text
    if not (national.isascii() and national.isdigit()) or len(national) not in lengths:
        return None
    # A prefix of the trunk or of another country, or a code without its plus, is taken off there.
    if prefix.match(national) or (national is text and national.startswith(code)):
        return None
    return f"+{code}{national}"


@lru_cache(8)
def _own_country(region: str) -> tuple[str, frozenset[int], re.Pattern[str]]:
    """Of a region its country's code, the lengths of its numbers, and how a trunk prefix looks."""
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if known is None or known.general_desc is None:
        return "", frozenset(), re.compile("")
    prefixes = (known.national_prefix_for_parsing, known.international_prefix)
    prefix = re.compile("|".join(f"(?:{one})" for one in prefixes if one) or r"(?!)")
    lengths = frozenset(known.general_desc.possible_length)
    return str(known.country_code), lengths, prefix


def search_key(text: str) -> str:
    """The form in which text is compared: NFKC, case-folded, single spaces."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split())


def words(text: str) -> list[str]:
    """The distinct words of a text in their search form, in order."""
    return list(dict.fromkeys(_WORD.findall(search_key(text))))


def begins(text: str, *known: str) -> bool:
    """Whether each word of a text begins a word of what is known, in any order."""
    parts = search_key(" ".join(known)).split()
    return all(any(part.startswith(word) for part in parts) for word in search_key(text).split())


def quotable(text: str) -> str:
    """What somebody typed as a refusal quotes it: nothing hidden, and not too long."""
    shown = "".join(character if character.isprintable() else "·" for character in text)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def like_literal(text: str) -> str:
    """Text escaped for LIKE with backslash as the escape character."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def ascii_digits(text: str) -> str:
    """Any script's decimal digits as ASCII ones."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
    )


def _label(field: str) -> str:
    return field.replace("_", " ")


def _refuse_acting(text: str, field: str) -> None:
    found = _CONTROL.search(text) or _HIDDEN.search(text)
    if found:
        raise Invalid.field(
            field,
            f"The {_label(field)} has a control or hidden character at position "
            f"{found.start() + 1}; take it out.",
        )


def _refuse_long(text: str, field: str, most: int) -> None:
    if len(text) > most:
        raise Invalid.field(
            field, f"The {_label(field)} has {len(text):,} characters; {most:,} fit."
        )
