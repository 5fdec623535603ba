"""Queue tokens: one sequence for each doctor, day and session, drawn at check-in.

A label tells the doctor by letters and a later session of the day by its place (`A-07` in the
morning, `A2-07` in the evening), so that no two tokens of a day look alike on the wall.
"""

from __future__ import annotations

from itertools import count

from sqlalchemy import bindparam, func, select, update

from store import availability
from store.moves import Visit, id_of
from store.slots import to_minutes
from store.tables import Doctor, QueueToken, table_of
from store.transaction import Transaction

_TOKEN = table_of(QueueToken)
_VOID = (
    update(_TOKEN)
    .where(_TOKEN.c.appointment_id == bindparam("which"), _TOKEN.c.voided_at.is_(None))
    .values(voided_at=bindparam("now"))
)


def draw(tx: Transaction, row: Visit) -> None:
    """Give the appointment the next number of its doctor's queue; numbers are never reused."""
    tx.lock_doctor(row.doctor_id)
    day = tx.local(row.starts_at).date()
    session, place = _session_of(tx, row)
    drawn = tx.session.execute(
        select(_TOKEN.c.session, _TOKEN.c.number, _TOKEN.c.label).where(
            _TOKEN.c.doctor_id == row.doctor_id, _TOKEN.c.day == day
        )
    ).all()
    number = 1 + max((one.number for one in drawn if one.session == session), default=0)
    doctor = tx.session.get_one(Doctor, row.doctor_id)
    # The hours may be others since this session, or another one, began to draw.
    code = next((_code_of(one.label) for one in drawn if one.session == session), None)
    taken = {_code_of(one.label) for one in drawn}
    code = code or next(
        one
        for one in (session_code(doctor.queue_code, n) for n in count(place))
        if one not in taken
    )
    tx.add(
        QueueToken(
            appointment_id=id_of(row),
            doctor_id=row.doctor_id,
            day=day,
            session=session,
            number=number,
            label=label(code, number),
            drawn_at=tx.now,
        )
    )


def session_code(queue_code: str, place: int) -> str:
    """The letters of a doctor's queue; behind them the place of the session in the day, from 1,
    where it is not the first."""
    return queue_code if place == 1 else f"{queue_code}{place}"


def label(code: str, number: int) -> str:
    """What stands on the slip and on the wall."""
    return f"{code}-{number:02d}"


def _code_of(token: str) -> str:
    return token.rpartition("-")[0]


def void(tx: Transaction, appointment_id: int) -> None:
    """Take the token back, if there is one; its number is not given again. Call before the
    appointment is changed, or it is written twice."""
    tx.flush()
    tx.connection.execute(_VOID, {"which": appointment_id, "now": tx.now})


def restore(tx: Transaction, appointment_id: int) -> None:
    """Give the appointment its last voided token again."""
    last = tx.session.execute(
        select(func.max(_TOKEN.c.id)).where(_TOKEN.c.appointment_id == appointment_id)
    ).scalar()
    tx.session.execute(update(_TOKEN).where(_TOKEN.c.id == last).values(voided_at=None))


def _session_of(tx: Transaction, row: Visit) -> tuple[int, int]:
    """The start minute of the session the appointment lies in, and its place in the day from 1;
    outside of all sessions minute 0, behind the last."""
    day = tx.local(row.starts_at).date()
    plan = availability.read_plan(tx, [row.doctor_id], day, day)
    minute = to_minutes(row.starts_at)
    sessions = plan.sessions(tx, row.doctor_id, day)
    for place, session in enumerate(sessions, 1):
        if session.start <= minute < session.end:
            return session.start_minute, place
    return 0, len(sessions) + 1
