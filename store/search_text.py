"""What somebody means who types into the patient finder."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from store.birth import parse_birth
from store.errors import Invalid
from store.name_keys import bare_mrn, digits_of, national_number, telling_words
from store.text import ascii_digits

_LONGEST = 200
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}[ -][a-z]{3,9}[ -]\d{4})\b")
_CALLED_MRN = re.compile(r"\bmrn[ :.#-]*(?=\w*\d)")
_MRN = re.compile(r"\b(?:\d{6,14}-\d|[a-z]{1,6}-?\d[a-z\d-]*)\b")
_NUMBER = re.compile(r"\+?\d(?:[\d ().-]*\d)?")
_FIRST_YEAR = 1850
_MRN_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as read. Each number is the forms in which it may begin a stored one; `or_year`
    is what a lone number would be as a birth year."""

    words: tuple[str, ...] = ()
    numbers: tuple[tuple[str, ...], ...] = ()
    born: tuple[date, date] | None = None
    or_year: tuple[date, date] | None = None


def read_search(text: str, today: date, region: str) -> Wanted:
    """Split what was typed into words, numbers and a birth date; never refuses anything."""
    rest = unicodedata.normalize("NFKC", ascii_digits(text[:_LONGEST])).casefold()
    rest = "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in rest)
    born, rest = _take_day(_CALLED_MRN.sub(" ", rest), today)
    numbers: list[tuple[str, ...]] = [(bare_mrn(found),) for found in _MRN.findall(rest)]
    rest = _MRN.sub(" ", rest)
    typed = [found.strip() for found in _NUMBER.findall(rest)]
    words = telling_words(_NUMBER.sub(" ", rest))
    years = [span for one in typed if (span := _year(one, today))]
    if years and born is None and (words or len(typed) > 1):
        born = years[0]
        typed = [one for one in typed if _year(one, today) is None]
        years = []
    numbers += [_variants(one, region) for one in typed]
    return Wanted(tuple(words), tuple(numbers), born, years[0] if years else None)


def _take_day(text: str, today: date) -> tuple[tuple[date, date] | None, str]:
    for found in _DAY.finditer(text):
        try:
            born, _ = parse_birth(found[1], today)
        except Invalid:
            continue
        return (born, born), text[: found.start()] + " " + text[found.end() :]
    return None, text


def _year(typed: str, today: date) -> tuple[date, date] | None:
    if not re.fullmatch(r"\d{4}", typed) or not _FIRST_YEAR <= int(typed) <= today.year:
        return None
    return date(int(typed), 1, 1), date(int(typed), 12, 31)


def _variants(typed: str, region: str) -> tuple[str, ...]:
    """A number's digits as they may be stored: as typed, without the country's or the trunk's own
    prefix, or as a patient number whose leading zeros were left out."""
    digits = digits_of(typed)
    if typed.startswith("+"):
        return (_without_country(digits),)
    import phonenumbers

    country = str(phonenumbers.country_code_for_region(region))
    forms = [digits, national_number(typed, region)]
    if digits.startswith("0"):
        forms.append(digits.lstrip("0"))
    if digits.startswith(country) and len(digits) > len(country) + 2:
        forms.append(digits.removeprefix(country))
    if len(digits) < _MRN_DIGITS:
        forms.append(digits.zfill(_MRN_DIGITS))
    return tuple(dict.fromkeys(form for form in forms if form))


def _without_country(digits: str) -> str:
    """An international number's digits behind the country code; all while only that is typed."""
    import phonenumbers

    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    code = next((at for at in (1, 2, 3) if int(digits[:at]) in known), 0)
    return digits[code:] or digits
