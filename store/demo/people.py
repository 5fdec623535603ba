"""Invented people with Indian names, addresses and telephone numbers; none of them exists.

Telephone numbers lie in the block 99999 0xxxx, mail addresses in example.org (RFC 2606).
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from importlib import resources
from random import Random

from store.values import PatientInput, Sex

_NAMES: dict[str, list[str]] = tomllib.loads(
    resources.files("store.demo").joinpath("names.toml").read_text(encoding="utf-8")
)
_ALLERGENS = ("penicillin", "sulfonamides", "aspirin", "ibuprofen", "peanut", "latex", "iodine")
_OLDEST_DAYS = 92 * 365


def patient(random: Random, number: int, today: date) -> PatientInput:
    """The `number`-th invented patient; about one in eight with a recorded allergy."""
    female = random.random() < 0.54
    given, other = ("women", "men") if female else ("men", "women")
    family = random.choice(_NAMES["families"])
    street, town = random.choice(_NAMES["streets"]), random.choice(_NAMES["towns"])
    return PatientInput(
        name=f"{random.choice(_NAMES[given])} {family}",
        birth_date=_birth_date(random, today),
        sex=Sex.FEMALE if female else Sex.MALE,
        phone=f"+9199999{number:05d}",
        email=f"patient{number}@example.org" if random.random() < 0.7 else None,
        address=f"{random.randint(1, 240)} {street}, {town}",
        emergency_name=f"{random.choice(_NAMES[other])} {family}",
        emergency_phone=f"+9199998{number:05d}",
        language="hi" if random.random() < 0.2 else "en",
        allergies=(random.choice(_ALLERGENS),) if random.random() < 0.12 else (),
    )


def _birth_date(random: Random, today: date) -> str:
    """Mostly a day; some know only the year, some only their age."""
    days = int(_OLDEST_DAYS * random.betavariate(1.6, 2.2))
    born = today - timedelta(days=days + 30)
    kind = random.random()
    if kind < 0.85:
        return born.isoformat()
    return str(born.year) if kind < 0.95 else f"{days // 365}y"
