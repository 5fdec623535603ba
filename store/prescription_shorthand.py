"""A prescription line as Indian prescriptions write it: `amox 500 1-0-1 5d pc`.

The drug comes first, everything behind it in any order. Nothing here knows the database, and
nothing that was typed is lost: what is not understood becomes part of the instructions as it was
written, and is told apart as `unread`.

Conventions that the reading rests on:

* `1-0-1` is morning, noon and night, `1-1-1-1` has the evening before the night; the numbers
  count pieces (tablets, capsules), or the dose that is given as an amount (`5 ml 1-0-1`).
* OD is once a day, as everywhere in India, never the right eye (which is RE).
* A month is 30 days and a week 7; `x5` is 5 days; `5/7`, `2/52` and `1/12` are days, weeks and
  months, as the fraction of a week or a year says.
* A number alone is a strength in the unit that the formulary gives the drug (`amox 500` is
  500 mg); of a drug that it does not know, the number stays without a unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from store.prescription_quantity import (
    AMOUNTS,
    FORMS,
    FREQUENCIES,
    MOST_AT_ONCE,
    NO_MORE_THAN,
    PIECES,
    number_of,
    pattern_of,
    total,
)
from store.text import ascii_digits
from store.values import DrugView, PrescriptionInput

Lookup = Callable[[str], DrugView | None]
"""The drug of the formulary that words name beyond doubt, or None."""

MOST_DAYS = 3650

ROUTES = {
    "oral": ("po", "oral", "orally", "by mouth", "p/o"),
    "IV": ("iv", "i/v", "intravenous"),
    "IM": ("im", "i/m", "intramuscular"),
    "SC": ("sc", "s/c", "sq", "subcut", "subcutaneous"),
    "ID": ("id", "intradermal"),
    "SL": ("sl", "s/l", "sublingual"),
    "PR": ("pr", "p/r", "per rectum", "rectal"),
    "PV": ("pv", "p/v", "per vaginam", "vaginal"),
    "inhaled": ("inhaled", "by inhalation"),
    "nebulised": ("neb", "nebulised", "nebulized"),
    "topical": ("topical", "topically", "l/a", "local application"),
    "nasal": ("nasal", "nasally", "each nostril"),
    "right eye": ("re", "r/e", "right eye"),
    "left eye": ("le", "l/e", "left eye"),
    "both eyes": ("be", "b/e", "both eyes"),
    "right ear": ("right ear",),
    "left ear": ("left ear",),
    "both ears": ("both ears",),
}
TIMINGS = {
    "before food": ("ac", "a/c", "before food", "before meals", "before meal"),
    "after food": ("pc", "p/c", "after food", "after meals", "after meal"),
    "with food": ("with food", "with meals", "with meal"),
    "on an empty stomach": ("on an empty stomach", "on empty stomach", "empty stomach"),
}
AS_NEEDED = ("sos", "prn", "as needed", "if needed", "when needed", "if required")
_LONGEST_PHRASE = 4
_BEDTIME = "at bedtime"

_NUMBER = r"(?:\d+(?:\.\d+)?[½¼¾]?|[½¼¾])"
_UNITS = {
    "mg": "mg",
    "mgs": "mg",
    "g": "g",
    "gm": "g",
    "gms": "g",
    "gram": "g",
    "mcg": "mcg",
    "µg": "mcg",
    "μg": "mcg",
    "ug": "mcg",
    "iu": "IU",
    "meq": "mEq",
    "mmol": "mmol",
    "%": "%",
    "ml": "ml",
    "mls": "ml",
    "kg": "kg",
    "day": "day",
    "dose": "dose",
    "puff": "puff",
    "hr": "h",
    "h": "h",
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_STRENGTH = re.compile(rf"({_NUMBER})({_UNIT})((?:[/+](?:{_NUMBER})?(?:{_UNIT}))*)")
_PART = re.compile(rf"([/+])({_NUMBER})?({_UNIT})")
_AMOUNT = re.compile(rf"({_NUMBER})(\D+)")
_BARE = re.compile(r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)?")
_HOURLY = re.compile(r"(?:q(\d{1,2})h|(\d{1,2})hourly|every(\d{1,2})(?:hours|hrs|h))")
_DAYS = re.compile(r"[x×]?(\d{1,4})(d|days?|w|wks?|weeks?|m|mths?|months?)|[x×](\d{1,4})")
_FRACTION = re.compile(r"[x×]?(\d{1,2})/(7|52|12)")
_COUNTED = re.compile(r"(?:qty|quantity|total)(\d{1,6})|#(\d{1,6})")
_SPLIT = re.compile(
    rf"(?:(?<=\s)|^){_NUMBER}(?:\s*[-–—]\s*(?:1/2|1/4|3/4|{_NUMBER})){{2,3}}(?=[\s,;]|$)"
)
_DIGITS_MEET = re.compile(r"[\d½¼¾.] [\d½¼¾.]")
"""Two numbers side by side, which are never one."""
_VULGAR = (("1/2", "½"), ("1/4", "¼"), ("3/4", "¾"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as it was understood. `unread` is the part of its instructions that was kept as it
    was written; `told` says whether anything behind the drug was understood as how to take it."""

    line: PrescriptionInput
    unread: str = ""
    told: bool = False


def _unknown(_: str) -> DrugView | None:
    return None


def read(text: str, drug_of: Lookup = _unknown) -> Reading:
    """Understand a line; the total is computed where it can be (`prescription_quantity`).

    Args:
        drug_of: the formulary. Without it every drug is free text.
    """
    tokens = _tokens(text)
    form = ""
    if len(tokens) > 1:
        form = _FORM_OF.get(_bare(tokens[0]), "")
        tokens = tokens[1:] if form else tokens
    drug, known, rest = _drug(tokens, drug_of)
    found = _Found(form=form, unit_of=known.unit_of if known else None)
    place = 0
    while place < len(rest):
        taken = _take(found, rest, place)
        if taken == 0:
            found.leave(rest[place])
            taken = 1
        place += taken
    return found.reading(drug)


def render(line: PrescriptionInput) -> str:
    """A line as it would be typed; `read` gives the same line back."""
    parts = [line.drug, line.dose, line.route, line.frequency]
    parts.append(f"{line.duration_days}d" if line.duration_days else "")
    parts.append(f"qty {line.quantity}" if line.quantity else "")
    parts.append(line.instructions)
    return " ".join(part for part in parts if part)


def days(text: str) -> int | None:
    """A duration such as `5`, `5d`, `2w`, `1m`, `x5`, `5/7` in days; None where it is none."""
    joined = "".join(ascii_digits(text).casefold().split())
    if joined.isascii() and joined.isdigit():
        return int(joined)
    return _duration(joined)


@dataclass
class _Found:
    """What is known of the line so far."""

    form: str = ""
    unit_of: Callable[[str], str] | None = None
    strength: str = ""
    number: str = ""
    """A number alone: the strength, unless another one says its unit."""
    amount: str = ""
    route: str = ""
    main: str = ""
    as_needed: bool = False
    days: int | None = None
    quantity: int | None = None
    timings: list[str] = field(default_factory=list)
    unread: list[list[str]] = field(default_factory=list)
    _open: bool = False

    def leave(self, token: str) -> None:
        """Keep a word as it is written; a comma ends what it belongs to."""
        word = token.rstrip(",;")
        if word:
            if not self._open:
                self.unread.append([])
            self.unread[-1].append(word)
        self._open = word == token

    def close(self) -> None:
        """What comes next does not belong to what was left."""
        self._open = False

    def time(self, words: str) -> None:
        """Note when it is taken."""
        if words not in self.timings:
            self.timings.append(words)

    def reading(self, drug: str) -> Reading:
        """The line."""
        if self.number and self.strength:
            self.unread.insert(0, [self.number])
        elif self.number:
            unit = self.unit_of(self.number) if self.unit_of else ""
            self.strength = f"{self.number} {unit}".strip()
        unread = ", ".join(" ".join(words) for words in self.unread)
        frequency = f"{self.main} SOS".strip() if self.as_needed else self.main
        line = PrescriptionInput(
            drug=drug,
            dose=" ".join(part for part in (self.strength, self.amount, self.form) if part),
            route=self.route,
            frequency=frequency,
            duration_days=self.days,
            quantity=self.quantity,
            instructions=", ".join([*self.timings, *([unread] if unread else [])]),
        )
        if line.quantity is None:
            line = replace(line, quantity=total(line))
        told = bool(frequency or self.days or self.timings)
        return Reading(line, unread, told)


def _tokens(text: str) -> list[str]:
    """The words; a morning-noon-night pattern written with spaces is one of them."""
    text = ascii_digits(text)
    for written, sign in _VULGAR:
        text = re.sub(rf"(?<![\d/.]){written}(?![\d/])", sign, text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = _SPLIT.sub(lambda found: re.sub(r"\s*[-–—]\s*", "-", found[0]), text)
    return text.split()


def _drug(tokens: list[str], drug_of: Lookup) -> tuple[str, DrugView | None, list[str]]:
    """The drug's words: as many as the formulary knows, else up to the first number or word that
    says how it is taken; the first word is always the drug's."""
    end = 1
    while end < len(tokens) and not _starts_figure(tokens[end]) and not _says_how(tokens, end):
        end += 1
    # A name of the formulary may go on behind a number (`vitamin b12`, `insulin 30/70`).
    for length in range(min(len(tokens), end + 3), 0, -1):
        words = " ".join(tokens[:length]).rstrip(",;")
        known = drug_of(words)
        if known is not None:
            return known.name, known, tokens[length:]
    return " ".join(tokens[:end]).rstrip(",;"), None, tokens[end:]


def _starts_figure(token: str) -> bool:
    return token[0].isnumeric() or _HOURLY.fullmatch(_bare(token)) is not None


def _says_how(tokens: list[str], place: int) -> bool:
    return _take(_Found(), tokens, place) > 0


def _take(found: _Found, tokens: list[str], place: int) -> int:
    """Understand what stands at a place; how many words it was, 0 where it is not understood."""
    for length in range(min(_LONGEST_PHRASE, len(tokens) - place), 0, -1):
        words = tokens[place : place + length]
        if any(word.endswith((",", ";")) for word in words[:-1]):
            continue
        phrase = " ".join(_bare(word) for word in words)
        if words == ["be"]:
            continue  # a word of instructions; both eyes are BE
        joined = "" if _DIGITS_MEET.search(phrase) else phrase.replace(" ", "")
        if _take_word(found, phrase) or _take_figure(found, joined, length):
            found.close()
            return length
    if _bare(tokens[place]) in ("for", "x", "×") and place + 1 < len(tokens):
        following = _take_duration_only(found, tokens, place + 1)
        return following + 1 if following else 0
    return 0


def _take_duration_only(found: _Found, tokens: list[str], place: int) -> int:
    for length in (2, 1):
        joined = "".join(_bare(word) for word in tokens[place : place + length])
        counted = _duration(joined) or _duration(f"x{joined}")
        if found.days is None and counted is not None:
            found.days = counted
            found.close()
            return min(length, len(tokens) - place)
    return 0


def _take_word(found: _Found, phrase: str) -> bool:
    if phrase in _ROUTE_OF and not found.route:
        found.route = _ROUTE_OF[phrase]
    elif phrase in _FREQUENCY_OF:
        return _take_frequency(found, _FREQUENCY_OF[phrase])
    elif phrase in AS_NEEDED:
        found.as_needed = True
    elif phrase in _TIMING_OF:
        found.time(_TIMING_OF[phrase])
    elif phrase in _FORM_OF and not found.form:
        found.form = _FORM_OF[phrase]
    else:
        return False
    return True


def _take_frequency(found: _Found, name: str) -> bool:
    """Bedtime beside another frequency says when, not how often."""
    if not found.main:
        found.main = name
    elif name == "HS":
        found.time(_BEDTIME)
    elif found.main == "HS":
        found.main = name
        found.time(_BEDTIME)
    else:
        return found.main == name
    return True


def _take_figure(found: _Found, joined: str, length: int) -> bool:
    pattern = pattern_of(joined)
    hourly = _HOURLY.fullmatch(joined)
    counted = _COUNTED.fullmatch(joined)
    if pattern is not None:
        return _take_frequency(found, joined.replace("–", "-").replace("—", "-"))
    if hourly is not None:
        hours = int(hourly[1] or hourly[2] or hourly[3])
        return 0 < hours <= 24 and 24 % hours == 0 and _take_frequency(found, f"q{hours}h")
    if found.days is None and (counted_days := _duration(joined)) is not None:
        found.days = counted_days
        return True
    if counted is not None and found.quantity is None:
        number = int(counted[1] or counted[2])
        found.quantity = number if 0 < number <= NO_MORE_THAN else None
        return found.quantity is not None
    return _take_dose(found, joined, length)


def _take_dose(found: _Found, joined: str, length: int) -> bool:
    amount = _AMOUNT.fullmatch(joined)
    unit = _AMOUNT_OF.get(amount[2]) if amount else None
    if amount and unit and length <= 2:
        if found.amount:
            return False
        if unit in PIECES:
            # `650 tab` is a strength and a form; nobody takes so many tablets at a time.
            if found.form not in ("", unit) or number_of(amount[1]) > MOST_AT_ONCE:
                return False
            found.form = unit
            found.amount = amount[1]
        else:
            found.amount = f"{amount[1]} {unit}"
        return True
    strength = _STRENGTH.fullmatch(joined)
    if strength is not None and length <= 3 and not found.strength:
        found.strength = f"{strength[1]} {_UNITS[strength[2]]}" + "".join(
            f"{part[1]}{part[2] + ' ' if part[2] else ''}{_UNITS[part[3]]}"
            for part in _PART.finditer(strength[3])
        )
        return True
    if length == 1 and not found.number and _BARE.fullmatch(joined):
        found.number = joined
        return True
    return False


def _duration(joined: str) -> int | None:
    fraction = _FRACTION.fullmatch(joined)
    if fraction is not None:
        each = {"7": 1, "52": 7, "12": 30}[fraction[2]]
        count = int(fraction[1]) * each
    else:
        found = _DAYS.fullmatch(joined)
        if found is None:
            return None
        each = {"d": 1, "w": 7, "m": 30}[(found[2] or "d")[0]]
        count = int(found[1] or found[3]) * each
    return count if 0 < count <= MOST_DAYS else None


def _bare(token: str) -> str:
    """A word without the stops of abbreviations and what ends a phrase: `b.d.,` is `bd`."""
    word = token.rstrip(",;").casefold()
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]?", word) or re.fullmatch(r"[a-z]{2,}\.", word):
        return word.replace(".", "")
    return word


def _turned(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in (*words, name.casefold())}


_ROUTE_OF, _TIMING_OF, _FORM_OF = _turned(ROUTES), _turned(TIMINGS), _turned(FORMS)
_FREQUENCY_OF = _turned({name: one.words for name, one in FREQUENCIES.items()})
_AMOUNT_OF = _turned(AMOUNTS)
