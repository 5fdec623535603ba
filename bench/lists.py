"""Every list of a hospital with a long past: its pages, filters and orders.

Beside the appointments and their mail stand a signed record of each consultation, an entry of the
audit trail for each appointment, and an account of every second patient. Asked as people ask, by an
administrator whose login session is looked at each time; told is the slowest page of each list:
what one in twenty takes longer than, against the tenth of a second within which a list must be
there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import String, cast, func, literal, select

from bench.figures import Figure, slow_milliseconds
from bench.hospital import signed_in
from bench.past import copy_rows
from bench.setting import Setting
from store.actors import system
from store.front_door import Store
from store.listing import pages
from store.tables import Account, Appointment, AuditEntry, MedicalRecord, Patient, table_of
from store.transaction import Transaction
from store.values import Actor, Role

LIMIT = 100.0
"""Milliseconds that nineteen of twenty pages take at most."""

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "departments": ("", "state:all", "department 3"),
    "doctors": ("", "state:all", 'department:"department 3"', "doctor 17"),
    "patients": (
        "",
        "state:all",
        "state:inactive",
        "lakshmi",
        "kumar ram",
        "born:1984",
        "born:1984 lakshmi",
        "phone:9845011223",
        "email:asha@example.org",
    ),
    "appointments": (
        "",
        "from:-7d to:today",
        "on:today",
        "doctor:doctor.7",
        "doctor:doctor.7,doctor.8,doctor.9",
        'department:"department 3"',
        "status:booked",
        "status:left",
        "status:in-error",
        "status:waiting,in-consultation",
        "doctor:doctor.7 status:left",
        "doctor:doctor.7 status:in-error",
        "doctor:doctor.7 status:booked,waiting",
        "doctor:doctor.7,doctor.8 status:in-error",
        "doctor:doctor.7,doctor.8 status:left,in-error from:-60d",
        'department:"department 3" status:left',
        'department:"department 3" status:in-error',
        'department:"department 3","department 4" status:in-error',
        'department:"department 3" doctor:doctor.3 status:in-error',
        'department:"department 3" from:-30d to:-20d status:no-show',
        "lakshmi",
        "patient:kumar",
        "kumar status:completed",
        "kumar status:in-error",
        "kumar doctor:doctor.7",
        "kumar doctor:doctor.7 status:left",
        'kumar department:"department 3"',
        'kumar department:"department 3" status:in-error',
        "kumar from:-30d",
        "0000042 status:completed",
    ),
    "records": (
        "",
        "from:-7d to:today",
        "doctor:doctor.7",
        'department:"department 3"',
        'doctor:doctor.7 department:"department 3"',
        'doctor:doctor.7 department:"department 4"',
        "lakshmi",
        "kumar doctor:doctor.7",
        'kumar department:"department 3" from:-60d',
    ),
    "users": (
        "",
        "state:all",
        "state:inactive",
        "role:doctor",
        "role:patient",
        "role:reception,admin",
        "role:patient state:inactive",
        "locked:yes",
        "lakshmi",
    ),
    "leave": ("", "when:all", "doctor:doctor.7"),
    "holidays": ("", "when:all"),
    "audit": (
        "",
        "from:-7d",
        "actor:admin.1",
        "action:appointment",
        "action:account.create",
        "entity:appointment",
        "entity:account",
        "outcome:denied",
        "patient:lakshmi",
        "patient:lakshmi action:account",
        "action:account entity:appointment",
        "actor:doctor.7 action:appointment",
        "actor:doctor.7 entity:account",
        "actor:doctor.7 on:today",
        "action:account from:-7d",
    ),
    "mail": (
        "",
        "from:-7d to:today",
        "status:failed",
        "status:waiting",
        "status:sent",
        "status:held,uncertain",
        "kind:reminder",
        "kind:booked",
        "kind:booked status:failed",
        "kind:reminder status:sent",
        "lakshmi",
        "lakshmi status:failed",
        "lakshmi kind:booked status:sent",
    ),
}
"""Filter lines by list: what the desk of a hospital asks for, what is rare, and both together."""

_TIMES = 23


def figures(setting: Setting) -> Iterator[Figure]:
    """The slowest of all pages and filters of each list, with the longest past."""
    with setting.with_past(setting.largest) as store:
        with store.transaction(system("bench", "bench")) as tx:
            _write_what_goes_with_it(tx)
        actor = signed_in(store, Role.ADMIN)
        for kind, texts in QUESTIONS.items():
            asked = [
                (taken, text, which)
                for text in texts
                for taken, which in _pages(store, actor, kind, text)
            ]
            slowest, text, which = max(asked)
            yield Figure(
                f"{kind}, slowest of {len(asked)} pages",
                slowest,
                LIMIT,
                f"a tenth of a second; {which} page of “{text}”",
                most=LIMIT,
            )


def _pages(store: Store, actor: Actor, kind: str, text: str) -> Iterator[tuple[float, str]]:
    """How long the first page takes, the next and the last; of the whole list also the first in
    each other order in which the database keeps it."""
    yield _page(store, actor, kind, text), "first"
    page = store.read(actor, pages.read, kind, text)
    if page.after:
        yield _page(store, actor, kind, text, beyond=page.last), "next"
        yield _page(store, actor, kind, text, backwards=True), "last"
    outline = pages.outline(kind)
    for heading in () if text else outline.headings:
        for order in (heading.key, f"-{heading.key}") if heading.sorts else ():
            if order != outline.order:
                yield _page(store, actor, kind, text, order=order), f"by {order}"


def _page(store: Store, actor: Actor, kind: str, text: str, **asked: Any) -> float:
    return slow_milliseconds(lambda: store.read(actor, pages.read, kind, text, **asked), _TIMES)


def _write_what_goes_with_it(tx: Transaction) -> None:
    """Records, trail and accounts as a hospital of that many appointments has them; the trail's
    links are made up, for a list does not look at them."""
    visit, patient = table_of(Appointment), table_of(Patient)
    signed = {"signed_at": visit.c.ends_at, "visited_at": visit.c.starts_at, "status": "signed"}
    whose = {name: visit.c[name] for name in ("patient_id", "doctor_id", "department_id")}
    copy_rows(
        tx,
        table_of(MedicalRecord),
        visit,
        {"appointment_id": visit.c.id, **whose, **signed, **tx.stamps()},
        visit.c.status == "completed",
    )
    copy_rows(
        tx,
        table_of(Account),
        patient,
        {
            "username": literal("patient.") + cast(patient.c.id, String),
            "name": patient.c.name,
            "role": "patient",
            **tx.stamps(),
        },
        patient.c.id % 2 == 0,
    )
    newest = tx.session.execute(select(func.max(table_of(AuditEntry).c.id))).scalar_one()
    link = literal("bench ") + cast(visit.c.id, String)
    copy_rows(
        tx,
        table_of(AuditEntry),
        visit,
        {
            "id": visit.c.id + newest,
            "at": visit.c.starts_at,
            "actor_id": visit.c.doctor_id,
            "actor_name": "Doctor",
            "actor_role": "doctor",
            "terminal": "bench",
            "action": "appointment.complete",
            "outcome": "ok",
            "entity": "appointment",
            "entity_id": cast(visit.c.id, String),
            "patient_id": visit.c.patient_id,
            "prev_hash": literal("before ") + link,
            "hash": link,
        },
    )
