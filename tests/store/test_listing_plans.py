"""Every first page and every filter of every list is answered through an index: asserted on the
plans of the statements that really run, on both databases."""

from __future__ import annotations

from typing import Any

from store.actors import system
from store.front_door import Store
from store.listing import pages
from store.listing.kinds import MOST_ALTERNATIVES
from store.values import ListPlace
from tests.hospital import MONDAY_MORNING, admin, doctor, patient
from tests.statements import heard

LARGE = ("patient", "appointment", "medical_record", "account", "audit_entry", "outbox_message")
"""What grows with the years; departments, doctors and holidays do not."""

CASES = [
    ("patients", "", "ix_patient_name"),
    ("patients", "state:all", "ix_patient_name"),
    ("patients", "state:inactive", "ix_patient_is_active_name"),
    ("patients", "born:1991", "ix_patient_birth_date"),
    ("patients", "phone:9845011223", "ix_patient_phone"),
    ("patients", "email:asha@example.org", "ix_patient_email"),
    ("patients", "rao", ""),
    ("appointments", "", "ix_appointment_starts_at"),
    ("appointments", "doctor:nair", "ix_appointment_doctor_id_starts_at"),
    ("appointments", "doctor:nair,bose status:booked", "ix_appointment_doctor_id_status"),
    ("appointments", "doctor:nair status:left", "ix_appointment_doctor_id_status"),
    ("appointments", "department:gen status:left", "ix_appointment_department_id_status"),
    ("appointments", "rao status:booked doctor:nair", "ix_appointment_patient_id_starts_at"),
    ("appointments", "rao department:gen status:left", "ix_appointment_patient_id_starts_at"),
    ("appointments", "status:booked", "ix_appointment_status_starts_at"),
    ("appointments", "status:booked,in-error", "ix_appointment_status_starts_at"),
    ("appointments", "department:gen", "ix_appointment_department_id_starts_at"),
    ("appointments", "patient:rao", "ix_appointment_patient_id_starts_at"),
    ("appointments", "from:-7d to:today", "ix_appointment_starts_at"),
    ("records", "", "ix_medical_record_visited_at"),
    ("records", "doctor:nair", "ix_medical_record_doctor_id_visited_at"),
    ("records", "department:gen", "ix_medical_record_department_id_visited_at"),
    ("records", "doctor:nair department:gen", "ix_medical_record_doctor_id_visited_at"),
    ("records", "rao doctor:nair", "ix_medical_record_patient_id_visited_at"),
    ("records", "rao from:-7d", "ix_medical_record_patient_id_visited_at"),
    ("users", "", ""),
    ("users", "role:reception", "ix_account_role_username"),
    ("users", "role:admin,doctor", "ix_account_role_username"),
    ("users", "state:inactive", "ix_account_inactive"),
    ("users", "locked:yes state:all", "ix_account_locked_until"),
    ("users", "rao", ""),
    ("leave", "", "ix_leave_starts_at"),
    ("leave", "doctor:nair", "ix_leave_doctor_id_starts_at"),
    ("audit", "", ""),
    ("audit", "actor:root", "ix_audit_entry_actor_id"),
    ("audit", "action:account", "ix_audit_entry_action_entity"),
    ("audit", "action:account entity:account", "ix_audit_entry_action_entity"),
    ("audit", "entity:account", "ix_audit_entry_entity"),
    ("audit", "outcome:denied", "ix_audit_entry_refused"),
    ("audit", "patient:rao", "ix_audit_entry_patient_id"),
    ("audit", "patient:rao action:account", "ix_audit_entry_patient_id"),
    ("audit", "on:today", "ix_audit_entry_at"),
    ("mail", "", "ix_outbox_message_due_at"),
    ("mail", "status:failed", "ix_outbox_message_status_due_at"),
    ("mail", "status:waiting,held", "ix_outbox_message_status_due_at"),
    ("mail", "kind:reminder", "ix_outbox_message_kind_due_at"),
    ("mail", "kind:reminder status:failed", "ix_outbox_message_kind_status"),
    ("mail", "rao", "ix_outbox_message_patient_id"),
]


def reads(statement: str) -> bool:
    return statement.lstrip().startswith(("SELECT", "WITH"))


def plans(store: Store, kept: list[tuple[str, Any]]) -> list[str]:
    """The plan of each statement, as if all tables were long."""
    on_sqlite = store.database.dialect == "sqlite"
    with store.database.begin(write=True) as connection:
        if not on_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
        rows = [connection.exec_driver_sql(explain + text, given).all() for text, given in kept]
    return ["\n".join(str(row[-1]) for row in some) for some in rows]


def without_index(statement: str, plan: str) -> list[str]:
    """The large tables that a plan reads from end to end; not those that it reads in the order of
    their ids as far as it needs, where the table is its own index."""
    return [
        table
        for table in LARGE
        for line in plan.splitlines()
        if f"Seq Scan on {table} " in f"{line} "
        or (
            f"SCAN {table}" in line
            and "INDEX" not in line
            and not (f"ORDER BY {table}.id DESC" in statement and "B-TREE" not in plan)
        )
    ]


def test_first_pages_and_filters_go_through_an_index(store: Store) -> None:
    admin(store)
    doctor(store)
    doctor(store, "Tarun Bose")
    patient(store, "Meera Rao")
    wrong: list[str] = []
    for kind, text, index in CASES:
        with heard(store, reads) as kept:
            store.read(system(), pages.read, kind, text)
        shown = plans(store, kept)
        scanned = [
            table
            for (statement, _), plan in zip(kept, shown, strict=True)
            for table in without_index(statement, plan)
        ]
        # Which of its indexes PostgreSQL takes depends on what it knows of the rows: here nothing.
        by_plan_alone = store.database.dialect == "sqlite"
        if scanned or (by_plan_alone and index not in "\n".join(shown)):
            wrong.append(f"{kind} {text}: {scanned or index}\n" + "\n--\n".join(shown))
    assert not wrong, "\n\n".join(wrong)


def test_pages_behind_the_first_are_ranges_of_the_index_too(store: Store) -> None:
    place = ListPlace("M", 5), ListPlace(MONDAY_MORNING, 5)
    for kind, text, beyond in (("patients", "", place[0]), ("appointments", "", place[1])):
        with heard(store, reads) as kept:
            store.read(system(), pages.read, kind, text, beyond=beyond)
        (plan,) = [plan for plan in plans(store, kept) if f"ix_{kind[:-1]}" in plan]
        assert "<?" in plan or ">?" in plan or "Index Cond" in plan, plan
        assert "B-TREE" not in plan


def test_a_name_that_many_have_leads_by_those_who_have_it(store: Store) -> None:
    admin(store)
    doctor(store)
    for number in range(MOST_ALTERNATIVES + 1):
        patient(store, f"Meera Rao {chr(ord('A') + number)}")
    for kind, text in (
        ("appointments", "rao status:booked doctor:nair"),
        ("mail", "rao kind:reminder"),
        ("records", "rao doctor:nair"),
    ):
        with heard(store, reads) as kept:
            store.read(system(), pages.read, kind, text)
        (plan,) = [plan for plan in plans(store, kept) if "few" in plan]
        assert "patient_id" in plan
        assert "SCAN appointment" not in plan
