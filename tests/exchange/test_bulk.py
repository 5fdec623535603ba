"""Files that come by the thousand: judged before anything is written, then written in turns."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from store import patient_search, patients, schema
from store.actors import system
from store.errors import ImportRejected, Invalid
from store.exchange import bulk, history
from store.front_door import Store
from store.name_keys import name_words, national_number
from store.tables import Appointment, AuditEntry, Patient, PatientSearchKey, table_of
from store.text import clean_email, clean_phone
from store.values import AppointmentStatus, PatientInput
from tests.exchange.desk import ADMIN, BOTH, DOCTORS, Desk, counts, visits

_PATIENT, _KEY, _ENTRY = table_of(Patient), table_of(PatientSearchKey), table_of(AuditEntry)
_VISIT = table_of(Appointment)
ROWS = 2 * bulk.UNIT + 300


def many(rows: int = ROWS) -> str:
    """More patients than fit into one unit of work."""
    lines = (f"x{n},Person {_word(n)},1990-01-{n % 28 + 1:02}" for n in range(rows))
    return "\n".join(["external_id,name,birth_date", *lines]) + "\n"


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def whole(store: Store) -> int:
    """How many patients there are; each has keys to be found by and an audit entry, and the
    database holds what it promises."""
    with store.reading(system()) as tx:
        count = int(tx.session.execute(select(func.count()).select_from(_PATIENT)).scalar_one())
        keyed = select(func.count(func.distinct(_KEY.c.patient_id)))
        made = select(func.count()).where(_ENTRY.c.action == "patient.create")
        assert tx.session.execute(keyed).scalar_one() == count
        assert tx.session.execute(made).scalar_one() == count
    assert schema.check(store.database) == []
    return count


def test_others_write_between_the_units(desk: Desk) -> None:
    """The other desk's own unit is begun while the import runs: it would wait for ten seconds and
    be refused, were the import one unit."""
    seen: list[int] = []

    def other_desk(done: int, rows: int) -> None:
        seen.append(done)
        if done > rows // 2:
            desk.store.write(system(), patients.register, PatientInput(f"At Desk {_word(done)}"))

    report = desk.bring("patients", many(), progress=other_desk)
    assert counts(report) == (ROWS, 0, 0, 0)
    assert seen == sorted(seen)
    assert seen[-1] == ROWS
    written = sum(done > ROWS // 2 for done in seen)
    assert written >= 3
    assert whole(desk.store) == ROWS + written
    found = desk.store.read(ADMIN, patient_search.search, "person bcd")
    assert [one.name for one in found][:1] == ["Person bcd"]


def test_what_was_interrupted_is_whole_and_goes_on(desk: Desk) -> None:
    def stop(done: int, _rows: int) -> None:
        if done > ROWS * 3 // 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.bring("patients", many(), progress=stop)
    first = whole(desk.store)
    assert first in range(bulk.UNIT, ROWS, bulk.UNIT)
    assert counts(desk.bring("patients", many())) == (ROWS - first, first, 0, 0)
    assert counts(desk.bring("patients", many())) == (0, ROWS, 0, 0)
    assert whole(desk.store) == ROWS


def test_a_refused_row_at_the_end_of_a_long_file_and_nothing_is_taken(quick: Desk) -> None:
    with pytest.raises(ImportRejected) as rejected:
        quick.bring("patients", many() + "x9999,\x07,1990\n")
    assert rejected.value.details["rows"][0]["line"] == ROWS + 2
    assert whole(quick.store) == 0
    report = quick.bring("patients", many() + "x9999,,1990\n", skip_invalid=True)
    assert counts(report) == (ROWS, 0, 0, 1)


def test_who_was_registered_meanwhile_is_left_as_it_is(desk: Desk) -> None:
    def other_desk(done: int, rows: int) -> None:
        if done == rows // 2:
            given = PatientInput("Somebody Quicker", external_id="x7")
            desk.store.write(system(), patients.register, given)

    report = desk.bring("patients", many(), progress=other_desk)
    assert (report.added, report.unchanged) == (ROWS - 1, 1)
    assert whole(desk.store) == ROWS


def test_history_that_somebody_else_was_quicker_with(desk: Desk) -> None:
    """One appointment is the file's own, another one is where the file has one."""
    desk.people()
    first = datetime(2025, 3, 1, 3, tzinfo=UTC)
    starts = [first + timedelta(minutes=15 * place) for place in range(ROWS)]
    text = visits(*(f"w{n},x1,p1,{at.isoformat()},,15,," for n, at in enumerate(starts)))

    def other_desk(done: int, rows: int) -> None:
        if done == rows // 2:
            for key, at in (("w7", starts[7]), ("elsewhere", starts[900])):
                desk.store.write(
                    ADMIN,
                    history.keep,
                    patient_id=2,
                    doctor_id=1,
                    starts_at=at,
                    ends_at=at + timedelta(minutes=5),
                    status=AppointmentStatus.COMPLETED,
                    external_id=key,
                )

    report = desk.bring("appointments", text, progress=other_desk)
    assert counts(report) == (ROWS - 1, 1, 0, 0)
    assert schema.check(desk.store.database) == []
    assert desk.count(Appointment) == ROWS + 1
    with desk.store.reading(system()) as tx:
        over = select(_VISIT.c.external_id).where(_VISIT.c.overbooked)
        assert tx.session.execute(over).scalars().all() == ["w900"]
    assert counts(desk.bring("appointments", text)) == (0, ROWS, 0, 0)


def test_a_patient_is_written_to_in_the_language_of_the_file(desk: Desk) -> None:
    desk.bring("patients", "external_id,name,language\nx1,Meera Rao,hi\nx2,Arjun Das,\n")
    found = desk.store.read(ADMIN, patients.list_patients).items
    assert {one.name: one.language for one in found} == {"Meera Rao": "hi", "Arjun Das": "en"}


@pytest.mark.parametrize("kind", ["external_id", "mrn"])
def test_a_longer_name_is_not_found_by_its_beginning(desk: Desk, kind: str) -> None:
    """Columns have lengths; what is looked for among them may be longer."""
    known = "A" * (120 if kind == "external_id" else 16)
    desk.bring("departments", BOTH)
    desk.bring("doctors", DOCTORS)
    desk.bring("patients", f"{kind},name\n{known},Meera Rao\n")
    refused = desk.refused("appointments", visits(f"v1,{known}A,p1,2025-10-01T10:00Z,,15,,"))
    assert "There is no patient" in refused[2]


def test_likely_duplicates_are_told(desk: Desk) -> None:
    desk.store.write(
        system(), patients.register, PatientInput("Meera Rao", birth_date="1990-05-04")
    )
    report = desk.bring(
        "patients",
        "external_id,name,birth_date\n"
        "a,Meera Rao,1990-05-04\nb,Arjun Das,1980-01-02\nc,ARJUN DAS,1980-01-02\n"
        "d,Arjun Das,1980-01-03\ne,Arjun Das,\nf,Nila Bose,1980-01-02\n",
    )
    assert (report.added, report.likely_duplicates) == (6, 2)
    assert "Line 2 may be 000001-7" in report.warnings[0]
    assert "Line 4 may be the one on line 3" in report.warnings[1]
    again = desk.bring("patients", "name,birth_date,sex\nNila Bose,1980-01-02,f\n", dry_run=True)
    assert (again.added, again.likely_duplicates) == (1, 1)


def test_history_overlaps_what_is_there_and_what_comes_with_it(desk: Desk) -> None:
    """Also across the units in which a file is written."""
    desk.people()
    desk.bring("appointments", visits("v0,x1,p1,2025-12-01T10:00Z,,30,,"))
    times = [
        f"2025-10-{day:02}T{hour:02}:{minute:02}Z"
        for day in range(1, 29)
        for hour in range(8, 20)
        for minute in (0, 15, 30, 45)
    ]
    rows = [f"w{n},x2,p1,{at},,15,," for n, at in enumerate(times)]
    over = [
        "o1,x2,p1,2025-12-01T10:15Z,,30,,",
        f"o2,x1,p1,{times[0]},,5,,",
        f"o3,x1,p1,{times[1]},,5,cancelled,",
        f"o4,x1,p2,{times[2]},,5,,",
    ]
    report = desk.bring("appointments", visits(*rows, *over))
    assert (report.added, report.overlapping) == (len(times) + 4, 2)
    assert schema.check(desk.store.database) == []
    assert counts(desk.bring("appointments", visits(*rows, *over)))[:2] == (0, len(times) + 4)


class TestTheQuickWays:
    """What comes in the usual form is read without asking the libraries, and as they would."""

    chance = random.Random(20260105)

    @pytest.mark.parametrize("region", ["IN", "US", "GB", "IT", "DE", "BD", "AE"])
    def test_telephone_numbers(self, region: str) -> None:
        code = phonenumbers.country_code_for_region(region)
        for _ in range(400):
            length = self.chance.choice([5, 8, 9, 10, 10, 10, 11, 12])
            digits = "".join(self.chance.choice("0123456789") for _ in range(length))
            text = self.chance.choice([digits, f"+{code}{digits}", f"+{digits}", f"0{digits}"])
            assert self.kept_phone(text, region) == self.as_the_library(text, region), text

    def kept_phone(self, text: str, region: str) -> str | None:
        try:
            return clean_phone(text, region=region)
        except Invalid:
            return None

    def as_the_library(self, text: str, region: str) -> str | None:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number):
            return None
        kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert national_number(kept) == phonenumbers.national_significant_number(number)
        return kept

    def test_mail_addresses(self) -> None:
        domains = ("example.org", "Example.ORG", "x.test", "localhost", "a..b.com", "münchen.de")
        for _ in range(1500):
            length = self.chance.choice([0, 1, 2, 3, 8, 63, 64, 65])
            local = "".join(self.chance.choice("ab9._+-A") for _ in range(length))
            text = f"{local}@{self.chance.choice(domains)}"
            try:
                asked = validate_email(text, check_deliverability=False, strict=True)
                wanted: str | None = asked.normalized.casefold()
            except EmailNotValidError:
                wanted = None
            try:
                kept = clean_email(text)
            except Invalid:
                kept = None
            assert kept == wanted, text

    def test_names(self) -> None:
        for name, words in (
            ("O'Brien  D'Souza s/o Ram", ["obrien", "dsouza", "ram"]),
            ("Rao-Nair, (Meera) R. 2", ["rao", "nair", "meera", "r", "2"]),
            ("Rao RAO", ["rao"]),
            ("...", []),
        ):
            assert name_words(name) == words
            assert name_words(f"{name} é") == [*words, "e"]
