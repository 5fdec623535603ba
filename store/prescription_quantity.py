"""How much of a medicine a prescription line is, and the line in plain words.

The total is what is handed out, rounded up to a whole number:

* pieces (tablets, capsules, sachets, injections …): pieces at a time × times a day × days;
  `1-0-1` for 5 days is 10, `½-0-½` is 5. Without another word a line is taken to be in pieces.
* ml, where the dose is a volume: `5 ml TDS` for 3 days is 45 (a teaspoon is 5 ml, a tablespoon
  15 ml).
* once a week, or on alternate days: for each week, or two days, that has begun.
* `stat` is one dose, whatever the duration.
* nothing is computed where it would be a guess: as needed, without a duration or a frequency, by
  the drop, puff or unit, for what is applied (a tube or a bottle is handed out), for a liquid
  whose dose is not a volume, and for a dose by weight (mg/kg).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from store.values import PrescriptionInput

NO_MORE_THAN = 100_000
MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Frequency:
    """A frequency: how it is written, in plain words, and how many doses in so many days."""

    words: tuple[str, ...]
    told: str
    doses: int = 1
    in_days: int = 1


FREQUENCIES: Mapping[str, Frequency] = {
    "OD": Frequency(("od", "qd", "once daily", "once a day", "daily", "every day"), "once a day"),
    "BD": Frequency(("bd", "bid", "bds", "twice daily", "twice a day"), "twice a day", 2),
    "TDS": Frequency(
        ("tds", "tid", "thrice daily", "thrice a day", "three times a day"),
        "three times a day",
        3,
    ),
    "QID": Frequency(("qid", "qds", "four times a day"), "four times a day", 4),
    "HS": Frequency(("hs", "at bedtime", "bedtime", "at night", "nocte"), "at bedtime"),
    "stat": Frequency(("stat", "at once", "immediately"), "once, now", 1, 0),
    "weekly": Frequency(("weekly", "once weekly", "once a week", "qw"), "once a week", 1, 7),
    "monthly": Frequency(("monthly", "once monthly", "once a month"), "once a month", 1, 30),
    "alternate days": Frequency(
        ("alternate days", "alt days", "alternate day", "on alternate days", "eod", "qod"),
        "every other day",
        1,
        2,
    ),
}

FORMS: dict[str, tuple[str, ...]] = {
    "tab": ("tab", "tabs", "tablet", "tablets"),
    "cap": ("cap", "caps", "capsule", "capsules"),
    "sachet": ("sachet", "sachets"),
    "supp": ("supp", "suppository", "suppositories"),
    "pessary": ("pessary", "pessaries"),
    "lozenge": ("lozenge", "lozenges"),
    "patch": ("patch", "patches"),
    "respule": ("respule", "respules"),
    "inj": ("inj", "injection", "injections", "amp", "ampoule", "vial", "vials"),
    "syp": ("syp", "syr", "syrup"),
    "susp": ("susp", "suspension"),
    "sol": ("sol", "soln", "solution"),
    "oint": ("oint", "ointment"),
    "cream": ("cream", "crm"),
    "gel": ("gel",),
    "lotion": ("lotion",),
    "powder": ("powder",),
    "spray": ("nasal spray",),
    "inhaler": ("inhaler", "mdi", "rotacap", "rotacaps"),
    "drops": (),
    "eye drops": ("eye drop", "e/d"),
    "ear drops": ("ear drop",),
    "nasal drops": ("nasal drop",),
    "eye oint": ("eye ointment",),
}
PIECES = {
    "tab": ("tablet", "tablets"),
    "cap": ("capsule", "capsules"),
    "sachet": ("sachet", "sachets"),
    "supp": ("suppository", "suppositories"),
    "pessary": ("pessary", "pessaries"),
    "lozenge": ("lozenge", "lozenges"),
    "patch": ("patch", "patches"),
    "respule": ("respule", "respules"),
    "inj": ("injection", "injections"),
    "": ("", ""),
}
"""The forms that are counted, and what one and several are called."""
_LIQUIDS = {"syp": "syrup", "susp": "suspension", "sol": "solution", "oint": "ointment"}
_APPLIED = ("topical", "right eye", "left eye", "both eyes", "nasal", "right ear", "left ear")

AMOUNTS: dict[str, tuple[str, ...]] = {
    "ml": ("mls", "cc"),
    "tsp": ("teaspoon", "teaspoons"),
    "tbsp": ("tablespoon", "tablespoons"),
    "puffs": ("puff",),
    "drops": ("drop", "gtt"),
    "units": ("unit", "u"),
    "sprays": ("spray",),
    **{form: FORMS[form] for form in PIECES if form},
}
_MILLILITRES = {"ml": 1, "tsp": 5, "tbsp": 15}
_VULGAR = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}
_COUNT = r"(?:\d{1,2}(?:\.\d{1,2})?[½¼¾]?|[½¼¾])"
_PATTERN = re.compile(rf"{_COUNT}(?:[-–—]{_COUNT}){{2,3}}")
_HOURLY = re.compile(r"q(\d{1,2})h")
_OF_DAY = {3: ("morning", "noon", "night"), 4: ("morning", "noon", "evening", "night")}
_FORM = re.compile(rf"(?:^|\s)({'|'.join(sorted(FORMS, key=len, reverse=True))})$")
_AMOUNT = re.compile(
    r"(?:^|\s)(\d+(?:\.\d+)?[½¼¾]?|[½¼¾])\s*(ml|tsp|tbsp|puffs|drops|units|sprays)$"
)
_PIECE_COUNT = re.compile(r"(?:^|\s)(\d{1,2}(?:\.\d+)?[½¼¾]?|[½¼¾])$")


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose in its parts: what is in a piece, how much at a time, in which form."""

    strength: str
    count: Fraction | None
    unit: str
    form: str


def number_of(text: str) -> Fraction:
    """`1½`, `½`, `0.5` or `2` as a number."""
    whole, sign = (text[:-1], text[-1]) if text[-1] in _VULGAR else (text, "")
    return (Fraction(whole) if whole else Fraction(0)) + _VULGAR.get(sign, Fraction(0))


def pattern_of(text: str) -> list[Fraction] | None:
    """The numbers of `1-0-1`; None for anything else, for nothing but zeros, and for numbers
    that are no count of pieces (`500-0-500`)."""
    if not _PATTERN.fullmatch(text):
        return None
    numbers = [number_of(part) for part in re.split("[-–—]", text)]
    return numbers if any(numbers) and max(numbers) <= MOST_AT_ONCE else None


def dose_of(text: str) -> Dose:
    """A dose as it is kept, taken apart."""
    form, rest = "", text.strip()
    if found := _FORM.search(rest):
        form, rest = found[1], rest[: found.start()].strip()
    if found := _AMOUNT.search(rest):
        return Dose(rest[: found.start()].strip(), number_of(found[1]), found[2], form)
    found = _PIECE_COUNT.search(rest) if form in PIECES and form else None
    if found:
        return Dose(rest[: found.start()].strip(), number_of(found[1]), "", form)
    return Dose(rest, None, "", form)


def total(line: PrescriptionInput) -> int | None:
    """How much is handed out for a line, by the rules above; None where that would be a guess."""
    doses = _doses(line.frequency, line.duration_days)
    each = _each(line)
    if doses is None or each is None:
        return None
    count = math.ceil(doses * each)
    return count if 0 < count <= NO_MORE_THAN else None


def unit_of_total(line: PrescriptionInput) -> str:
    """What the total counts: `ml`, `tablets`, or nothing where it is not told."""
    dose = dose_of(line.dose)
    if dose.unit in _MILLILITRES:
        return "ml"
    one, more = PIECES.get(dose.form, ("", ""))
    return one if line.quantity == 1 else more


def in_words(line: PrescriptionInput) -> str:
    """A line as it would be read to the patient: `Amoxicillin 500 mg · 1 morning, 1 night · 5
    days · after food · total 10`."""
    quantity = f"total {line.quantity} {unit_of_total(line)}".strip() if line.quantity else ""
    duration = line.duration_days
    parts = [
        f"{line.drug} {dose_words(line.dose)}".strip(),
        {"oral": "by mouth"}.get(line.route, line.route),
        frequency_words(line.frequency),
        ("1 day" if duration == 1 else f"{duration} days") if duration else "",
        line.instructions,
        quantity,
    ]
    return " · ".join(part for part in parts if part)


def dose_words(text: str) -> str:
    """A dose as people say it: `500 mg 2 tablets`."""
    dose = dose_of(text)
    name = _LIQUIDS.get(dose.form) or PIECES.get(dose.form, (dose.form, dose.form))[0]
    if dose.count is None or dose.unit:
        body = text.strip()[: len(text.strip()) - len(dose.form)].strip()
        return f"{body} {name}".strip()
    several = PIECES[dose.form][dose.count > 1]
    return f"{dose.strength} {_count_words(dose.count)} {several}".strip()


def frequency_words(text: str, dose: str = "") -> str:
    """A frequency as people say it: `1-0-1` is `1 morning, 1 night`; with the dose of a liquid
    (`5 ml syp`) it is `5 ml morning, 5 ml night`."""
    main = text.removesuffix("SOS").strip()
    needed = "when needed" if text.endswith("SOS") else ""
    numbers = pattern_of(main)
    if numbers is not None:
        told = ", ".join(
            f"{_amount_words(number, dose_of(dose))} {when}"
            for number, when in zip(numbers, _OF_DAY[len(numbers)], strict=True)
            if number
        )
    elif found := _HOURLY.fullmatch(main):
        told = f"every {found[1]} hours" if found[1] != "1" else "every hour"
    else:
        told = FREQUENCIES[main].told if main in FREQUENCIES else main
    return ", ".join(part for part in (told, needed) if part)


def _amount_words(number: Fraction, dose: Dose) -> str:
    if dose.count is None or not dose.unit:
        return _count_words(number)
    return f"{_count_words(number * dose.count)} {dose.unit}"


def _count_words(number: Fraction) -> str:
    whole, rest = divmod(number, 1)
    sign = next((one for one, value in _VULGAR.items() if value == rest), None)
    if rest and sign is None:
        return f"{float(number):g}"
    return f"{whole if whole or not rest else ''}{sign or ''}"


def _doses(frequency: str, days: int | None) -> Fraction | None:
    """How many doses, a pattern's numbers counted as many; None where that is not told."""
    main = frequency.strip()
    if main == "stat":
        return Fraction(1)
    if days is None or main.endswith("SOS"):
        return None
    numbers = pattern_of(main)
    if numbers is not None:
        return sum(numbers, Fraction(0)) * days
    if found := _HOURLY.fullmatch(main):
        hours = int(found[1])
        return Fraction(24 // hours * days) if 0 < hours <= 24 and 24 % hours == 0 else None
    known = FREQUENCIES.get(main)
    return Fraction(known.doses * math.ceil(days / known.in_days)) if known else None


def _each(line: PrescriptionInput) -> Fraction | None:
    """How much is taken at a time; None where it is not counted."""
    dose = dose_of(line.dose)
    if "/kg" in dose.strength or line.route in _APPLIED or line.route in ("inhaled", "both ears"):
        return None
    if dose.unit:
        each = _MILLILITRES.get(dose.unit)
        return None if each is None or dose.count is None else dose.count * each
    if dose.form not in PIECES or "ml" in dose.strength or "%" in dose.strength:
        return None
    return dose.count or Fraction(1)
