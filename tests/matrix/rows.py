"""Who may, function by function: written from the requirements, not from the store.

Each row says how to call the function on a row of the actor's own half, of the other half, or on
nobody's, and how far each role's permission reaches. `by` names the requirement.
"""

from __future__ import annotations

from datetime import date

from store import (
    accounts,
    appointments,
    availability,
    board,
    calendar,
    calendar_entries,
    conflicts,
    departments,
    desk,
    doctors,
    formulary,
    holds,
    holidays,
    leave,
    patient_search,
    patients,
    preferences,
    prescriptions,
    profiles,
    records,
    schedule,
    second_factor,
    sessions,
    several,
    undo,
)
from store.errors import ChangedMeanwhile, IllegalTransition, InUse, Invalid, PatientBusy
from store.values import (
    Affected,
    AppointmentStatus,
    HoursSession,
    PatientInput,
    PrescriptionInput,
    RecordInput,
    Role,
    Step,
)
from tests.matrix.behind import BEHIND
from tests.matrix.listing import LISTING
from tests.matrix.own_rooms import OWN_ROOMS
from tests.matrix.paper import PAPER
from tests.matrix.people import PEOPLE
from tests.matrix.prepared import Whose
from tests.matrix.row import (
    ADMIN,
    ADMIN_AND_OWN_DOCTOR,
    BOOKERS,
    CONCERNED,
    DESK,
    EVERYONE,
    ONCE,
    OWN_ACCOUNT,
    OWN_DOCTOR,
    PRESCRIBERS,
    READERS,
    STAFF,
    May,
    Reach,
    Row,
    given,
)
from tests.matrix.waiting import WAITING

_N, _O, _A = Reach.NO, Reach.OWN, Reach.ANY


def _mornings(day: int = 0) -> list[HoursSession]:
    return [HoursSession(day, 9 * 60, 17 * 60, 15)]


_ACCOUNTS = [
    Row(accounts.duty, lambda c: given(), EVERYONE, "AUTH-7", ONCE),
    Row(accounts.whoami, lambda c: given(), EVERYONE, "AUTH-4", ONCE),
    Row(
        profiles.update,
        lambda c: given(name="New Name", phone=None, email=None),
        EVERYONE,
        "AUTH-5",
        ONCE,
    ),
    Row(preferences.get, lambda c: given("desk.queue-filter"), EVERYONE, "REC-5", ONCE),
    Row(preferences.put, lambda c: given("desk.queue-filter", "nair"), EVERYONE, "REC-5", ONCE),
    Row(profiles.get, lambda c: given(), EVERYONE, "AUTH-5", ONCE),
    Row(accounts.get, lambda c: given(c.account), OWN_ACCOUNT, "AUTH-4 ADM-9"),
    Row(
        accounts.create,
        lambda c: given(username="fresh", name="Fresh Face", role=Role.RECEPTION, password=None),
        ADMIN,
        "ADM-9",
        ONCE,
    ),
    Row(accounts.list_accounts, lambda c: given(), ADMIN, "ADM-9", ONCE),
    # The account of the prepared case is a doctor's or a patient's.
    Row(accounts.update, lambda c: given(c.account, language="hi"), ADMIN, "ADM-9", but=(Invalid,)),
    Row(accounts.activate, lambda c: given(c.account), ADMIN, "ADM-9"),
    Row(accounts.deactivate, lambda c: given(c.account), ADMIN, "ADM-9", but=(InUse,)),
    Row(accounts.unlock, lambda c: given(c.account), ADMIN, "AUTH-9"),
    Row(
        second_factor.reset,
        lambda c: given(c.account),
        ADMIN,
        "AUTH-7",
        but=(InUse, IllegalTransition),
    ),
    Row(second_factor.status, lambda c: given(), EVERYONE, "AUTH-7", ONCE),
    Row(
        second_factor.finish,
        lambda c: given("123456"),
        EVERYONE,
        "AUTH-7",
        ONCE,
        but=(IllegalTransition,),
    ),
    Row(sessions.list_sessions, lambda c: given(c.account), OWN_ACCOUNT, "AUTH-4 ADM-9"),
    Row(sessions.list_sessions, lambda c: given(), EVERYONE, "AUTH-4", ONCE),
    Row(sessions.end, lambda c: given(c.session), OWN_ACCOUNT, "AUTH-4 ADM-9"),
    Row(sessions.end_all, lambda c: given(c.account), OWN_ACCOUNT, "AUTH-4 ADM-9"),
]

_DIRECTORY = [
    Row(departments.list_departments, lambda c: given(), EVERYONE, "ADM-2 PAT-2", ONCE),
    Row(departments.get, lambda c: given(c.prepared.department), EVERYONE, "ADM-2 PAT-2", ONCE),
    Row(departments.create, lambda c: given(name="New Ward"), ADMIN, "ADM-2", ONCE),
    Row(
        departments.update,
        lambda c: given(c.prepared.department, name="Other Ward"),
        ADMIN,
        "ADM-2",
        ONCE,
    ),
    Row(departments.deactivate, lambda c: given(c.prepared.department), ADMIN, "ADM-2", ONCE),
    Row(departments.activate, lambda c: given(c.prepared.department), ADMIN, "ADM-2", ONCE),
    Row(departments.delete, lambda c: given(c.prepared.department), ADMIN, "ADM-2", ONCE),
    Row(doctors.list_doctors, lambda c: given(active=None), EVERYONE, "ADM-3 PAT-2", ONCE),
    Row(doctors.get, lambda c: given(c.doctor), EVERYONE, "ADM-3 PAT-2"),
    Row(
        doctors.create,
        lambda c: given(username="dr.new", name="New", department_id=c.prepared.department),
        ADMIN,
        "ADM-3",
        ONCE,
    ),
    Row(
        doctors.update,
        lambda c: given(c.doctor, bio="Since 1990", fee=100, phone=""),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-3 AUTH-5",
    ),
    Row(
        doctors.update,
        lambda c: given(c.doctor, department_id=c.prepared.department, affected=Affected.KEEP),
        ADMIN,
        "ADM-3",
    ),
    Row(doctors.update, lambda c: given(c.doctor, overbook_limit=9), ADMIN, "ADM-3"),
    Row(doctors.update, lambda c: given(c.doctor, registration="KMC 1"), ADMIN, "ADM-3"),
    Row(doctors.update, lambda c: given(c.doctor, external_id="d-1"), ADMIN, "ADM-3"),
    Row(doctors.deactivate, lambda c: given(c.doctor, Affected.KEEP), ADMIN, "ADM-3"),
    Row(doctors.activate, lambda c: given(c.doctor), ADMIN, "ADM-3"),
    Row(schedule.hours_of, lambda c: given(c.doctor), ADMIN_AND_OWN_DOCTOR, "ADM-4 DOC-7"),
    Row(schedule.set_day, lambda c: given(c.doctor, 0, _mornings()), ADMIN, "ADM-4"),
    Row(
        schedule.replace_week,
        lambda c: given(c.doctor, [*_mornings(), *_mornings(2)], Affected.KEEP),
        ADMIN,
        "ADM-4",
    ),
    Row(schedule.clear, lambda c: given(c.doctor, Affected.KEEP), ADMIN, "ADM-4"),
]

_TIME = [
    Row(leave.get, lambda c: given(c.leave), ADMIN_AND_OWN_DOCTOR, "ADM-5 DOC-8"),
    Row(leave.list_leave, lambda c: given(), ADMIN_AND_OWN_DOCTOR, "ADM-5 DOC-8", ONCE),
    Row(
        leave.list_leave,
        lambda c: given(doctor_id=c.doctor),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-5 DOC-8",
    ),
    Row(
        leave.affected,
        lambda c: given(c.doctor, c.at(0, 9), c.at(5, 9)),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-11",
    ),
    Row(
        leave.add,
        lambda c: given(c.doctor, c.at(0, 9), c.at(5, 9), "away", Affected.CANCEL),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-5 DOC-8",
    ),
    Row(
        leave.update,
        lambda c: given(c.leave, reason="later"),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-5 DOC-8",
    ),
    Row(leave.delete, lambda c: given(c.leave), ADMIN_AND_OWN_DOCTOR, "ADM-5 DOC-8"),
    Row(
        calendar.of_doctor,
        lambda c: given(c.doctor, date(2026, 1, 5), date(2026, 1, 11)),
        ADMIN_AND_OWN_DOCTOR,
        "DOC-9",
    ),
    Row(conflicts.conflicts, lambda c: given(), STAFF, "ADM-11", ONCE),
    Row(conflicts.conflicts, lambda c: given(doctor_id=c.doctor), STAFF, "ADM-11"),
    # Booked within hours: allowed to decide on it, were its time gone.
    *(
        Row(
            conflicts.resolve,
            lambda c, a=affected: given([c.booked], a),  # type: ignore[misc]
            STAFF,
            "ADM-11",
            but=(ChangedMeanwhile,),
        )
        for affected in (Affected.CANCEL, Affected.MOVE)
    ),
    # Which days are holidays stands in everybody's calendar and in every refusal of such a day.
    Row(holidays.list_holidays, lambda c: given(), EVERYONE, "ADM-10 SLOT-1", ONCE),
    Row(
        holidays.add,
        lambda c: given(date(2026, 8, 15), "Independence Day"),
        ADMIN,
        "ADM-10",
        ONCE,
    ),
    Row(holidays.add_year, lambda c: given("IN", 2027), ADMIN, "ADM-10"),
    Row(holidays.missing_of_year, lambda c: given("IN", 2027), ADMIN, "ADM-10", ONCE),
    Row(holidays.delete, lambda c: given(c.prepared.holiday), ADMIN, "ADM-10", ONCE),
    Row(
        availability.day_slots,
        lambda c: given(c.doctor, date(2026, 1, 7)),
        EVERYONE,
        "SLOT-1",
    ),
    Row(
        availability.slots_between,
        lambda c: given([c.doctor], date(2026, 1, 7), date(2026, 1, 8)),
        EVERYONE,
        "SLOT-1",
    ),
    Row(
        availability.free_slots,
        lambda c: given([c.doctor], date(2026, 1, 7), date(2026, 1, 8)),
        EVERYONE,
        "SLOT-1",
    ),
    Row(availability.first_free, lambda c: given(doctor_id=c.doctor), EVERYONE, "SLOT-1"),
    Row(availability.nearest, lambda c: given(c.doctor, c.at(2, 10)), EVERYONE, "SLOT-1"),
]

_PATIENTS = [
    Row(
        patients.register,
        lambda c: given(PatientInput("Fresh Patient", allergies=("Latex",))),
        DESK,
        "ADM-6 REC-2",
        ONCE,
    ),
    Row(patients.get, lambda c: given(c.patient), CONCERNED, "ADM-6 DOC-2 AUTH-5"),
    Row(patients.get, lambda c: given(c.mrn), CONCERNED, "ADM-6 DOC-2 AUTH-5"),
    # Doctors list those they have to do with, patients themselves.
    Row(patients.list_patients, lambda c: given(active=None), EVERYONE, "ADM-6 DOC-2", ONCE),
    Row(
        patients.update,
        lambda c: given(c.patient, {"phone": "98450 00009", "address": "Hill Road"}),
        BOOKERS,
        "ADM-6 AUTH-5",
    ),
    # A profile is name, phone, e-mail, address, emergency contact; the rest identifies.
    *(
        Row(patients.update, lambda c, v=value: given(c.patient, v), DESK, "ADM-6")  # type: ignore[misc]
        for value in ({"birth_date": "1990"}, {"sex": "male"}, {"external_id": "else-1"})
    ),
    Row(patients.deactivate, lambda c: given(c.patient), DESK, "ADM-6"),
    Row(patients.activate, lambda c: given(c.patient), DESK, "ADM-6"),
    # Doctors find whom they have to do with, and nobody else.
    Row(patient_search.search, lambda c: given("a"), STAFF, "ADM-6 REC-1 DOC-2", ONCE),
    Row(patient_search.search_each, lambda c: given(["a", "b"]), STAFF, "REC-1 DOC-2", ONCE),
    Row(patient_search.complete, lambda c: given("00"), STAFF, "AUTH-10", ONCE),
    Row(
        patient_search.likely_duplicates,
        lambda c: given(PatientInput("Arjun Feldspar", phone="98450 22335")),
        DESK,
        "ADM-6 REC-2",
        ONCE,
    ),
    Row(patients.allergies, lambda c: given(c.patient), READERS, "DOC-2 DOC-6"),
    # The desk writes down what a patient tells it when registering (REC-2), and reads none of it;
    # so it cannot know which to take back.
    Row(patients.add_allergy, lambda c: given(c.patient, "Iodine"), STAFF, "DOC-6 REC-2"),
    Row(patients.remove_allergy, lambda c: given(c.allergy), ADMIN_AND_OWN_DOCTOR, "DOC-6"),
]

_APPOINTMENTS = [
    # Whom a doctor has booked, the doctor may read (DOC-2): so doctors book whom they have seen,
    # with themselves (DOC-4), and nobody else.
    Row(
        appointments.book,
        lambda c: given(patient_id=c.patient, doctor_id=c.doctor, starts_at=c.at(3, 11)),
        CONCERNED,
        "REC-3 PAT-3 DOC-4",
    ),
    Row(
        appointments.book,
        lambda c: given(
            patient_id=c.patient, doctor_id=c.prepared.third_doctor, starts_at=c.at(3, 11)
        ),
        BOOKERS,
        "REC-3 PAT-3 DOC-4",
    ),
    Row(
        appointments.book,
        lambda c: given(
            patient_id=c.patient, doctor_id=c.prepared.own.doctor, starts_at=c.at(3, 11)
        ),
        BOOKERS,
        "REC-3 PAT-3 DOC-4",
        (Whose.OTHER, Whose.NOBODY),
    ),
    Row(
        appointments.book,
        lambda c: given(
            patient_id=c.patient,
            doctor_id=c.doctor,
            starts_at=c.at(3, 11),
            overbook_reason="urgent",
        ),
        DESK,
        "REC-3",
    ),
    # A patient may keep any doctor's slot, as any may be booked; a doctor moves own visits alone.
    Row(
        holds.take,
        lambda c: given(c.doctor, c.at(3, 11)),
        May(_A, _A, _O, _A),
        "REC-3 DOC-3 PAT-3",
    ),
    Row(holds.release, lambda c: given(1), EVERYONE, "REC-3 DOC-3 PAT-3", ONCE),
    Row(appointments.get, lambda c: given(c.booked), CONCERNED, "ADM-7 DOC-3 PAT-5"),
    Row(appointments.history, lambda c: given(c.booked), CONCERNED, "ADM-7 DOC-3 PAT-5"),
    Row(appointments.list_appointments, lambda c: given(), EVERYONE, "ADM-7 DOC-3 PAT-5", ONCE),
    Row(calendar_entries.of_appointments, lambda c: given(), EVERYONE, "ADM-7 DOC-3 PAT-5", ONCE),
    Row(
        appointments.list_appointments,
        lambda c: given(patient_id=c.patient),
        EVERYONE,
        "ADM-7 DOC-3 PAT-5",
    ),
    Row(
        appointments.list_appointments,
        lambda c: given(doctor_id=c.doctor, status=tuple(AppointmentStatus)),
        EVERYONE,
        "ADM-7 DOC-3 PAT-5",
    ),
    Row(
        appointments.reschedule,
        lambda c: given(c.booked, starts_at=c.at(4, 11)),
        CONCERNED,
        "REC-3 DOC-3 PAT-4",
    ),
    Row(
        appointments.reschedule,
        lambda c: given(c.booked, starts_at=c.at(4, 11), doctor_id=c.prepared.third_doctor),
        BOOKERS,
        "REC-3 PAT-4",
    ),
    Row(appointments.cancel, lambda c: given(c.booked), CONCERNED, "REC-3 DOC-3 PAT-4"),
    # The desk writes a patient's note when booking, so it corrects one too.
    Row(appointments.change_note, lambda c: given(c.booked, "Wheelchair"), BOOKERS, "PAT-4 REC-3"),
    Row(desk.check_in, lambda c: given(c.due), DESK, "REC-4"),
    Row(
        desk.walk_in,
        lambda c: given(patient_id=c.patient, doctor_id=c.doctor),
        DESK,
        "REC-4",
        but=(PatientBusy,),  # the doctor expects the patient today
    ),
    Row(desk.walk_in_place, lambda c: given(c.doctor), DESK, "REC-4"),
    Row(appointments.start, lambda c: given(c.waiting), ADMIN_AND_OWN_DOCTOR, "ADM-7 DOC-3"),
    Row(appointments.complete, lambda c: given(c.inside), ADMIN_AND_OWN_DOCTOR, "ADM-7 DOC-3"),
    Row(
        appointments.complete,
        lambda c: given(c.inside, sign=False),
        ADMIN_AND_OWN_DOCTOR,
        "ADM-7 DOC-3",
    ),
    Row(
        appointments.complete,
        lambda c: given(c.inside, record=RecordInput(notes="Well"), sign=True),
        OWN_DOCTOR,
        "DOC-4",
    ),
    Row(appointments.no_show, lambda c: given(c.missed), STAFF, "REC-4 DOC-3"),
    Row(appointments.left, lambda c: given(c.waiting), DESK, "REC-4"),
    Row(
        appointments.mark_in_error,
        lambda c: given(c.booked, reason="wrong patient"),
        ADMIN,
        "ADM-7",
    ),
    Row(undo.undo, lambda c: given(c.undoable()), STAFF, "REC-4"),
    Row(several.apply, lambda c: given(Step.CHECK_IN, [(c.due, None)]), DESK, "REC-4"),
    Row(several.apply, lambda c: given(Step.NO_SHOW, [(c.missed, None)]), STAFF, "REC-4 DOC-3"),
    Row(several.apply, lambda c: given(Step.LEFT, [(c.waiting, None)]), DESK, "REC-4"),
    Row(several.apply, lambda c: given(Step.CANCEL, [(c.booked, None)]), CONCERNED, "REC-3 PAT-4"),
    Row(several.apply, lambda c: given(Step.UNDO, [(c.undoable(), None)]), STAFF, "REC-4"),
    Row(desk.queue, lambda c: given(), STAFF, "REC-5", ONCE),
    Row(desk.queue, lambda c: given(doctor_id=c.doctor), STAFF, "REC-5"),
    Row(board.now_serving, lambda c: given(), STAFF, "REC-5", ONCE),
    Row(desk.next_waiting, lambda c: given(c.doctor), STAFF, "REC-5 DOC-1"),
]

_MEDICAL = [
    Row(records.get, lambda c: given(c.signed), READERS, "ADM-8 DOC-5 PAT-6"),
    Row(records.signature_holds, lambda c: given(c.signed), READERS, "ADM-8 DOC-5 PAT-6"),
    Row(records.of_appointment, lambda c: given(c.seen), READERS, "ADM-7 DOC-5 PAT-5"),
    Row(records.list_records, lambda c: given(), May(_A, _N, _A, _A), "ADM-8 DOC-5 PAT-6", ONCE),
    Row(records.list_records, lambda c: given(patient_id=c.patient), READERS, "ADM-6 DOC-2 PAT-6"),
    Row(
        records.list_records,
        lambda c: given(doctor_id=c.doctor),
        May(_A, _N, _A, _A),
        "ADM-8 DOC-5 PAT-6",
    ),
    Row(records.open_draft, lambda c: given(c.unwritten), OWN_DOCTOR, "DOC-4 DOC-5"),
    Row(records.open_draft, lambda c: given(c.inside), OWN_DOCTOR, "DOC-10"),
    Row(records.open_drafts, lambda c: given(), OWN_DOCTOR, "DOC-10", ONCE),
    Row(
        records.save_draft,
        lambda c: given(c.drafted, RecordInput(notes="Better"), version=None),
        OWN_DOCTOR,
        "DOC-5",
    ),
    Row(records.sign, lambda c: given(c.drafted), OWN_DOCTOR, "DOC-5"),
    Row(
        records.amend,
        lambda c: given(c.signed, field="notes", text="Corrected", reason="slip"),
        OWN_DOCTOR,
        "DOC-5",
    ),
    Row(
        prescriptions.add,
        lambda c: given(c.drafted, PrescriptionInput("Zinc")),
        OWN_DOCTOR,
        "DOC-6",
    ),
    Row(
        prescriptions.update,
        lambda c: given(c.item, PrescriptionInput("Zinc")),
        OWN_DOCTOR,
        "DOC-6",
    ),
    Row(prescriptions.delete, lambda c: given(c.item), OWN_DOCTOR, "DOC-6"),
    Row(prescriptions.warnings, lambda c: given(c.patient, "Quartzmedical"), READERS, "DOC-6"),
    Row(prescriptions.running, lambda c: given(c.patient), READERS, "DOC-6 PAT-6"),
    Row(formulary.load, lambda c: given(), PRESCRIBERS, "DOC-6", ONCE),
    Row(formulary.search, lambda c: given("amox"), PRESCRIBERS, "DOC-6", ONCE),
    Row(formulary.save, lambda c: given(formulary.DrugInput("Zinc")), ADMIN, "ADM-14", ONCE),
    Row(formulary.load_starter, lambda c: given(), ADMIN, "ADM-14", ONCE),
]


ROWS = [
    *_ACCOUNTS,
    *_DIRECTORY,
    *_TIME,
    *_PATIENTS,
    *_APPOINTMENTS,
    *OWN_ROOMS,
    *WAITING,
    *LISTING,
    *_MEDICAL,
    *PAPER,
    *BEHIND,
    *PEOPLE,
]
