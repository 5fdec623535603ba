"""One line that books: its parts, whom it means, and which slots it offers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import availability, doctors, patient_search
from store.actors import system
from store.front_door import Store
from store.one_line import When, read_line
from store.one_line_match import (
    Match,
    Offer,
    Target,
    blamed,
    days_to_read,
    doctor_ids,
    matches,
    offer,
    readings,
    too_many,
    what_is_missing,
)
from store.values import DoctorView, PatientView, Sex, Slot
from tests.hostile import LITERAL, REFUSED
from tests.statements import counted
from tests.ui.clinic import fill

MONDAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
TUESDAY = date(2026, 11, 24)
OWN_WORDS = [
    *("rao", "nair", "am", "pm", "10:30", "1030", "5", "5pm", "12", "dec", "next", "tue"),
    *("after", "before", "+3d", "today", "1950", "2026", "at", "on", "-", "1991-04-03"),
    *("9:", "25:00", "2026-13-01", "+9999w", "-9999m", "yesterday"),
]


@pytest.mark.parametrize(
    ("text", "words", "when"),
    [
        ("", (), When()),
        ("rao nair tomorrow 10:30", ("rao", "nair"), When(TUESDAY, time(10, 30))),
        ("10:30 nair Tomorrow rao", ("nair", "rao"), When(TUESDAY, time(10, 30))),
        ("rao, with Dr. Nair, on tue at 10:30", ("rao", "Nair"), When(TUESDAY, time(10, 30))),
        ("rao nair today 1730", ("rao", "nair"), When(MONDAY, time(17, 30))),
        ("rao nair 5pm", ("rao", "nair"), When(None, time(17))),
        ("5 pm rao nair", ("rao", "nair"), When(None, time(17))),
        ("rao nair 5:30 pm +3d", ("rao", "nair"), When(date(2026, 11, 26), time(17, 30))),
        ("pm 5:30 rao", ("rao",), When(None, time(17, 30))),
        ("rao 12:15 am", ("rao",), When(None, time(0, 15))),
        ("rao nair +2w", ("rao", "nair"), When(date(2026, 12, 7))),
        ("rao nair +3m", ("rao", "nair"), When(date(2027, 2, 23))),
        ("rao nair mon", ("rao", "nair"), When(date(2026, 11, 30))),
        ("rao nair next tue", ("rao", "nair"), When(date(2026, 12, 1))),
        ("rao nair 12 dec", ("rao", "nair"), When(date(2026, 12, 12))),
        ("dec 12 rao nair", ("rao", "nair"), When(date(2026, 12, 12))),
        ("rao nair 12 dec 2026 9:15", ("rao", "nair"), When(date(2026, 12, 12), time(9, 15))),
        ("rao 12 dec 1030", ("rao",), When(date(2026, 12, 12), time(10, 30))),
        ("rao 12 dec 2030", ("rao",), When(date(2026, 12, 12), time(20, 30))),
        ("sat 12 dec rao", ("rao",), When(date(2026, 12, 12))),
        ("rao 2026-12-31", ("rao",), When(date(2026, 12, 31))),
        ("rao cardio am", ("rao", "cardio"), When(before=time(12))),
        ("rao cardio pm tomorrow", ("rao", "cardio"), When(TUESDAY, after=time(12))),
        ("rao cardio after 17:00", ("rao", "cardio"), When(after=time(17))),
        ("rao after 5 pm nair", ("rao", "nair"), When(after=time(17))),
        ("after 17 rao", ("rao",), When(after=time(17))),
        ("rao from 9 before 11:30", ("rao",), When(after=time(9), before=time(11, 30))),
        ("+91 98450 11223 nair", ("+91", "98450", "11223", "nair"), When()),
        ("000001-7 nair 9:00", ("000001-7", "nair"), When(None, time(9))),
        ("1991-04-03 nair tomorrow", ("1991-04-03", "nair"), When(TUESDAY)),
        ("3 apr 1991 nair", ("3 apr 1991", "nair"), When()),
        ("rao 1991 nair", ("rao", "1991", "nair"), When()),
        ("rao 1950 10:30", ("rao", "1950"), When(None, time(10, 30))),
        ("rao 1950 1030", ("rao", "1950"), When(None, time(10, 30))),
        ("rao 1950", ("rao",), When(None, time(19, 50))),
        ("राव nair २०२६-१२-३१ १०:३०", ("राव", "nair"), When(date(2026, 12, 31), time(10, 30))),
        ("[b]rao[/b] 10:30", ("[b]rao[/b]",), When(None, time(10, 30))),
    ],
)
def test_a_line_falls_into_its_parts(text: str, words: tuple[str, ...], when: When) -> None:
    line = read_line(text, MONDAY)
    assert (line.words, line.when, line.trouble) == (words, when, "")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("rao yesterday", "Sun 22 Nov 2026 is over."),
        ("rao -3d", "Fri 20 Nov 2026 is over."),
        ("today rao tomorrow", "Two days, Mon 23 Nov 2026 and Tue 24 Nov 2026: keep one."),
        ("mon 12 dec", "Two days, Sat 12 Dec 2026 and Mon 30 Nov 2026: keep one."),
        ("9:00 rao 10:00", "Two times, 09:00 and 10:00: keep one."),
        ("am rao pm", "Both am and pm: keep one."),
        ("13:00 rao am", "13:00 is not am."),
        ("after 17:00 before 9:00", "No time is from 17:00 on and before 09:00."),
        ("rao after 14:00 am", "No time is from 14:00 on and before 12:00."),
        ("rao 10:3", "“10:3” is not a time; write 10:30, 1030 or 5pm."),
        ("rao 25:00", "“25:00” is not a time; write 10:30, 1030 or 5pm."),
        ("rao %", "“%” is neither a name nor a time."),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(text: str, trouble: str) -> None:
    assert read_line(text, MONDAY).trouble == trouble


@given(st.text(max_size=250))
def test_no_text_is_ever_refused(text: str) -> None:
    line = read_line(text, MONDAY)
    options = readings(line.words, DOCTORS)
    assert not options[-1].targets
    matches(options, {})
    days_to_read(line.when, NOW)


@given(
    st.lists(
        st.sampled_from(OWN_WORDS),
        max_size=9,
    )
)
def test_no_sequence_of_its_own_words_is_refused(parts: list[str]) -> None:
    read_line(" ".join(parts), MONDAY)


@pytest.mark.parametrize("text", LITERAL + REFUSED)
def test_hostile_text_is_words_and_nothing_else(text: str) -> None:
    line = read_line(f"{text} 10:30", MONDAY)
    assert line.trouble or " ".join(line.words)
    assert line.when.clock in (time(10, 30), None)


@pytest.mark.parametrize(
    "parts",
    [
        ("asha", "rao", "nair", "tomorrow", "10:30"),
        ("9845011223", "cardio", "12 dec", "pm"),
        ("rao", "dr nair", "next tue", "after 5 pm"),
        ("1980-02-11", "nair", "on mon", "at 1030"),
    ],
)
def test_the_order_of_the_parts_does_not_matter(parts: tuple[str, ...]) -> None:
    def meant(order: Sequence[str]) -> Any:
        line = read_line(" ".join(order), MONDAY)
        ways = {(tuple(sorted(one.patient)), one.targets) for one in readings(line.words, DOCTORS)}
        return sorted(line.words), line.when, line.trouble, ways

    assert len({str(meant(order)) for order in [parts, parts[::-1]]}) <= 2
    first = meant(parts)
    assert all(meant(order) == first for order in permutations(parts))


# Whom it means


def doctor(number: int, name: str, department: str) -> DoctorView:
    department_id = sum(map(ord, department))
    return DoctorView(
        number, f"d{number}", name, department_id, department, "", "", None, None, "", None, "",
        True, None, 1,
    )  # fmt: skip


NAIR = doctor(1, "Dr Kavita Nair", "Cardiology")
RAO = doctor(2, "Dr Vikram Rao", "Cardiology")
MENON = doctor(3, "Dr Asha Menon", "Paediatrics")
CARLA = doctor(4, "Dr Carla Dias", "Skin")
DOCTORS = (NAIR, RAO, MENON, CARLA)


def patient(number: int, name: str) -> PatientView:
    return PatientView(
        number, f"00000{number}-1", name, None, None, None, Sex.UNKNOWN, None, None, "", "", None,
        "en", True, None, None, 1,
    )  # fmt: skip


ASHA_RAO, SUNIL_RAO, NAIR_MEENA = (
    patient(1, "Asha Rao"),
    patient(2, "Sunil Rao"),
    patient(3, "Meena Nair"),
)
PEOPLE = (ASHA_RAO, SUNIL_RAO, NAIR_MEENA)


def search(text: str) -> list[PatientView]:
    """As the finder does: all words begin words of the name."""
    return [
        one
        for one in PEOPLE
        if all(
            any(part.startswith(word) for part in one.name.casefold().split())
            for word in text.casefold().split()
        )
    ]


def pairs(text: str) -> set[tuple[str, str]]:
    """Who with whom a line may mean."""
    options = readings(text.split(), DOCTORS)
    found = {one.search: search(one.search) for one in options if one.search}
    return {
        (person.name, target.department or target.doctors[0].name)
        for match in matches(options, found)
        for person in match.patients
        for target in match.targets
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sunil nair", {("Sunil Rao", "Dr Kavita Nair")}),
        ("nair sunil", {("Sunil Rao", "Dr Kavita Nair")}),
        ("asha nair", {("Asha Rao", "Dr Kavita Nair"), ("Meena Nair", "Dr Asha Menon")}),
        ("sunil kavita", {("Sunil Rao", "Dr Kavita Nair")}),
        ("sunil cardio", {("Sunil Rao", "Cardiology")}),
        ("sunil nair cardio", {("Sunil Rao", "Dr Kavita Nair")}),
        # Both a patient and a doctor bear the name: both ways are offered.
        (
            "rao nair",
            {
                ("Asha Rao", "Dr Kavita Nair"),
                ("Sunil Rao", "Dr Kavita Nair"),
                ("Meena Nair", "Dr Vikram Rao"),
            },
        ),
        # Three whole words of names leave one way of two.
        ("asha rao nair", {("Asha Rao", "Dr Kavita Nair")}),
        ("sunil rao menon", {("Sunil Rao", "Dr Asha Menon")}),
        # A beginning may be a doctor's name as well as a department's.
        ("sunil car", {("Sunil Rao", "Cardiology"), ("Sunil Rao", "Dr Carla Dias")}),
        ("nair nair", {("Meena Nair", "Dr Kavita Nair")}),
        ("xyz nair", set()),
        ("sunil", set()),
    ],
)
def test_the_words_find_patient_and_doctor(text: str, expected: set[tuple[str, str]]) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sunil", "Sunil Rao (000002-1): now a doctor or a department."),
        ("s", "Go on: who is booked, and with which doctor or department?"),
        ("kavita", "Dr Kavita Nair: now the patient."),
        ("cardio", "Cardiology: now the patient."),
        ("xyz", ""),
    ],
)
def test_what_is_missing_is_told(text: str, sentence: str) -> None:
    options = readings(text.split(), DOCTORS)
    found = {one.search: search(one.search) for one in options if one.search}
    assert what_is_missing(options, found) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("xyz", "Nobody is called “xyz”."),
        ("sunil nair xyz", "Nobody is called “xyz”."),
        ("sunil meena", "Nobody is called “sunil meena”."),
        ("9999", "Nobody has “9999” as telephone, patient number or birth date."),
        ("[b]x[/]", "Nobody is called “[b]x[/]”."),
    ],
)
def test_who_is_not_found_is_named(text: str, sentence: str) -> None:
    words = text.split()
    assert blamed(words, DOCTORS, {word: search(word) for word in words}) == sentence


def test_too_many_doctors_are_not_looked_at() -> None:
    many = tuple(doctor(n, f"Dr A{n}", "Skin") for n in range(9))
    assert too_many([Match(PEOPLE, tuple(Target((one,)) for one in many))])
    assert not too_many([Match(PEOPLE, (Target(many, "Skin"),))])


# Which slots


def slot(of: DoctorView, day: int, hour: int, minute: int = 0) -> Slot:
    start = datetime.combine(MONDAY, time(hour, minute), ZONE) + timedelta(days=day)
    return Slot(of.id, start, start + timedelta(minutes=15), free=True)


FREE = [
    slot(NAIR, 0, 11),
    slot(NAIR, 0, 17),
    slot(RAO, 0, 17, 15),
    slot(NAIR, 1, 9),
    slot(RAO, 1, 9),
    slot(NAIR, 1, 10, 30),
    slot(NAIR, 1, 11),
    slot(NAIR, 2, 17),
]
ONE = (Match((SUNIL_RAO,), (Target((NAIR,)),)),)
DEPARTMENT = (Match((SUNIL_RAO,), (Target((NAIR, RAO), "Cardiology"),)),)
TWO_PATIENTS = (Match((SUNIL_RAO, ASHA_RAO), (Target((NAIR,)),)),)
TWO_DOCTORS = (Match((SUNIL_RAO,), (Target((NAIR,)), Target((RAO,)))),)


def offered(found: Sequence[Match], text: str) -> tuple[list[str], str]:
    """What a line with this time offers."""
    made: Offer = offer(found, read_line(text, MONDAY).when, FREE, NOW)
    return [
        f"{c.patient.name.split()[0]} {c.doctor.name.split()[-1]} {c.slot.starts_at:%a %H:%M}"
        for c in made.choices
    ], made.remark


@pytest.mark.parametrize(
    ("found", "text", "expected", "remark"),
    [
        (ONE, "tomorrow 10:30", ["Sunil Nair Tue 10:30"], ""),
        (ONE, "17:00", ["Sunil Nair Mon 17:00"], ""),
        (
            ONE,
            "tomorrow 10:15",
            ["Sunil Nair Tue 09:00", "Sunil Nair Tue 10:30", "Sunil Nair Tue 11:00"],
            "Tue 24 Nov 10:15 is not free; this is near.",
        ),
        (ONE, "", ["Sunil Nair Mon 11:00", "Sunil Nair Mon 17:00", "Sunil Nair Tue 09:00"], ""),
        (ONE, "today pm", ["Sunil Nair Mon 17:00"], ""),
        (ONE, "after 17:00", ["Sunil Nair Mon 17:00", "Sunil Nair Wed 17:00"], ""),
        (ONE, "am", ["Sunil Nair Mon 11:00", "Sunil Nair Tue 09:00", "Sunil Nair Tue 10:30"], ""),
        # A time alone that is over is tomorrow's.
        (ONE, "9:00", ["Sunil Nair Tue 09:00"], ""),
        (
            ONE,
            "today 9:00",
            ["Sunil Nair Mon 11:00", "Sunil Nair Mon 17:00", "Sunil Nair Tue 09:00"],
            "Mon 23 Nov 09:00 is over; this is near.",
        ),
        (
            DEPARTMENT,
            "tomorrow",
            ["Sunil Nair Tue 09:00", "Sunil Rao Tue 09:00", "Sunil Nair Tue 10:30"],
            "",
        ),
        (DEPARTMENT, "17:15", ["Sunil Rao Mon 17:15"], ""),
        (
            TWO_PATIENTS,
            "tomorrow",
            ["Sunil Nair Tue 09:00", "Asha Nair Tue 09:00"],
            "",
        ),
        (
            TWO_DOCTORS,
            "tomorrow 10:30",
            ["Sunil Nair Tue 10:30", "Sunil Rao Tue 09:00"],
            "Tue 24 Nov 10:30 is not free with all of them.",
        ),
        (
            ONE,
            "tomorrow pm",
            ["Sunil Nair Wed 17:00"],
            "Nothing is free on Tue 24 Nov; this is later.",
        ),
        (ONE, "before 8", [], "Nothing is free in the next weeks."),
        (ONE, "tomorrow before 8", [], "Nothing is free around Tue 24 Nov."),
    ],
)
def test_the_slots_that_are_offered(
    found: Sequence[Match], text: str, expected: list[str], remark: str
) -> None:
    assert offered(found, text) == (expected, remark)


def test_the_days_that_are_read_hold_what_may_be_offered() -> None:
    def days(text: str, count: int = 1) -> tuple[int, int]:
        first, last = days_to_read(read_line(text, MONDAY).when, NOW, count)
        return (first - MONDAY).days, (last - MONDAY).days

    assert days("") == (0, 60)
    assert days("pm", 4) == (0, 14)
    assert days("tomorrow") == (1, 15)
    assert days("tomorrow 9:00") == (0, 15)
    assert days("wed 9:00") == (1, 16)
    assert days("today 9:00") == (0, 14)
    assert doctor_ids(TWO_DOCTORS) == doctor_ids(DEPARTMENT) == [1, 2]


def test_the_finder_answers_several_texts_at_once_as_each_alone(store: Store) -> None:
    people = fill(store).patients
    texts = ["rao", "asha rao", people[3].mrn, "9900112233", "1980-02-11", "zzz", "", "[b]"]
    several = store.read(system(), patient_search.search_each, texts)
    assert several == [store.read(system(), patient_search.search, text) for text in texts]
    assert [len(some) for some in several] == [3, 1, 1, 1, 1, 0, 0, 0]


def test_no_number_of_readings_takes_more_statements(store: Store) -> None:
    fill(store)
    with counted(store) as sent:
        everybody = store.read(system(), doctors.list_doctors).items
    assert len(sent) == 1
    line = read_line("rao nair tomorrow 10:30", date(2026, 1, 5))
    options = readings(line.words, everybody)
    with counted(store) as sent:
        texts = [one.search for one in options]
        with store.reading(system()) as tx:
            patients = patient_search.search_each(tx, texts)
            assert len(sent) <= 6
            sent.clear()
            found = matches(options, dict(zip(texts, patients, strict=True)))
            days = days_to_read(line.when, tx.local(tx.now))
            availability.free_slots(tx, doctor_ids(found), *days)
            assert len(sent) <= 3
