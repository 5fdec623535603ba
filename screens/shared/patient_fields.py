"""The fields of a patient, as the desk and patients themselves fill them in."""

from __future__ import annotations

from collections.abc import Iterator

from store.values import BirthPrecision, PatientInput, PatientView, Sex
from widgets.form import Field

SEXES = tuple((sex.value, sex.value) for sex in (Sex.UNKNOWN, Sex.FEMALE, Sex.MALE, Sex.OTHER))
LANGUAGES = (("en", "English"), ("hi", "Hindi"))
"""The languages that mails are written in."""

USUAL = ("", "as usual")
"""Stands for the language of the hospital."""

ALLERGIES = Field("allergies", "Allergies", hint="penicillin, peanuts", max_length=500)
"""Noted when the desk registers; the desk does not see them after."""

MORE_ALLERGIES = Field("allergies", "New allergies", hint="added to those known", max_length=500)
"""Noted when the desk hears of them later."""


def birth_text(patient: PatientView) -> str:
    """A birth date as it is typed: the day, or the year where only that is known."""
    if patient.birth_date is None:
        return ""
    known = patient.birth_precision is BirthPrecision.DAY
    return patient.birth_date.isoformat() if known else str(patient.birth_date.year)


def patient_fields(patient: PatientView | None, name: str = "", phone: str = "") -> list[Field]:
    """The fields of a patient, filled with what is known."""
    p = patient
    return [
        Field("name", "Name", value=p.name if p else name, required=True, max_length=120),
        Field(
            "birth_date",
            "Born",
            value=birth_text(p) if p else "",
            hint="1991-04-03, 3 apr 1991, 1991 or 34y",
            max_length=40,
        ),
        Field("sex", "Sex", kind="choice", value=p.sex.value if p else "", choices=SEXES),
        Field("phone", "Phone", value=(p.phone or "") if p else phone, max_length=40),
        Field(
            "email",
            "E-mail ✗ refused" if p and p.email_refused_at else "E-mail",
            value=(p.email or "") if p else "",
            max_length=254,
        ),
        language_field(p.language if p else "", LANGUAGES if p else (USUAL, *LANGUAGES)),
        Field("address", "Address", value=p.address if p else "", max_length=500),
        Field(
            "emergency_name",
            "Emergency contact",
            value=p.emergency_name if p else "",
            max_length=120,
        ),
        Field(
            "emergency_phone",
            "Emergency phone",
            value=(p.emergency_phone or "") if p else "",
            max_length=40,
        ),
    ]


def language_field(value: str, choices: tuple[tuple[str, str], ...] = (USUAL, *LANGUAGES)) -> Field:
    """The language of mails to somebody."""
    return Field("language", "Mails in", kind="choice", value=value, choices=choices)


def language_words(code: str) -> str:
    """The language of mails to somebody, as it is chosen."""
    return dict((USUAL, *LANGUAGES)).get(code, code)


def input_of(values: dict[str, str]) -> PatientInput:
    """What was typed, as the store takes it: an empty field is none."""
    return PatientInput(
        name=values["name"],
        birth_date=values["birth_date"].strip() or None,
        sex=Sex(values["sex"]),
        phone=values["phone"].strip() or None,
        email=values["email"].strip() or None,
        address=values["address"],
        emergency_name=values["emergency_name"],
        emergency_phone=values["emergency_phone"].strip() or None,
        language=values["language"],
        allergies=tuple(_parts(values.get("allergies", ""))),
    )


def _parts(text: str) -> Iterator[str]:
    """What is typed between commas, each once."""
    yield from dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
