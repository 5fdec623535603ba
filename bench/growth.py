"""What a long past costs: the same questions at ten thousand to a million appointments.

Asked as people ask, by accounts whose login session is looked at each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from bench.figures import Figure, milliseconds, raw_query, slow_milliseconds
from bench.hospital import signed_in
from bench.past import kept
from bench.setting import Setting
from store import availability, desk, statistics
from store.cache import ProcessCache
from store.front_door import Store
from store.slots import day_bounds
from store.values import Actor, Role

ENGINES = ("sqlite", "postgresql")
DOCTOR = 7
"""One of two hundred alike."""

_A_DAY = (
    "SELECT starts_at, ends_at FROM appointment"
    " WHERE doctor_id = ? AND starts_at >= ? AND starts_at < ?"
)
_NAMES = (
    "SELECT v.id, p.name, v.starts_at, v.ends_at, v.status FROM appointment v"
    " JOIN patient p ON p.id = v.patient_id"
    " WHERE v.doctor_id = ? AND v.starts_at >= ? AND v.starts_at < ? ORDER BY v.starts_at"
)
_MONTH = (
    "SELECT status, count(*) FROM appointment WHERE status IN"
    " ('booked', 'cancelled', 'completed', 'left', 'no_show', 'rescheduled')"
    " AND starts_at >= ? AND starts_at < ? GROUP BY status"
)


def figures(setting: Setting) -> Iterator[Figure]:
    """All of them for each size, the smallest first."""
    with ExitStack() as stack:
        # All are filled before any is asked, so that what grows is not the machine's mood.
        stores = {
            size: stack.enter_context(setting.with_past(size)) for size in sorted(setting.sizes)
        }
        days: list[Figure] = []
        for size, store in stores.items():
            days += _of_a_doctor(store, signed_in(store, Role.RECEPTION), size)
        yield from days
        yield from _grown(days)
        for size, store in stores.items():
            yield from _dashboard(store, signed_in(store, Role.ADMIN), size)


def _grown(days: Sequence[Figure]) -> Iterator[Figure]:
    """The longest past beside the shortest."""
    for first, last in zip(days[:2], days[-2:], strict=True):
        if last is not first:
            yield Figure(f"{last.what}, growth", last.ours, first.ours, first.what, most_ratio=1.5)


def _of_a_doctor(store: Store, actor: Actor, size: int) -> Iterator[Figure]:
    """A day with free slots, and one whose twenty patients are listed with their names."""
    today = store.now().date()
    start, end = (kept(at) for at in day_bounds(today, store.rules.hospital.timezone))
    with raw_query(store, _A_DAY, DOCTOR, start, end) as raw:
        yield Figure(
            f"free slots of a day, {size:,}",
            milliseconds(
                lambda: store.read(actor, availability.free_slots, [DOCTOR], today, today), 300
            ),
            milliseconds(raw, 300),
            "one indexed query of that day",
            most_ratio=8,
        )
    before = today - timedelta(days=3 if today.weekday() < 3 else 1)
    start, end = (kept(at) for at in day_bounds(before, store.rules.hospital.timezone))
    with raw_query(store, _NAMES, DOCTOR, start, end) as raw:
        yield Figure(
            f"a doctor's day with names, {size:,}",
            milliseconds(lambda: store.read(actor, desk.queue, doctor_id=DOCTOR, day=before), 300),
            milliseconds(raw, 300),
            "one indexed query of it",
            most_ratio=8,
        )


def _dashboard(store: Store, actor: Actor, size: int) -> Iterator[Figure]:
    """The administrator's figures, counted and kept; the slow ones, as people feel those."""
    first = store.now().date() - timedelta(days=statistics.PERIOD_DAYS - 1)
    zone = store.rules.hospital.timezone
    start = kept(day_bounds(first, zone)[0])
    end = kept(day_bounds(store.now().date(), zone)[1])

    def cold() -> object:
        return replace(store, cache=ProcessCache()).read(actor, statistics.of_hospital)

    with raw_query(store, _MONTH, start, end) as raw:
        limit = milliseconds(raw, 30)
    counted = "statuses of 30 days counted by an index"
    yield Figure(
        f"dashboard p95, cold, {size:,}", slow_milliseconds(cold, 40), limit, counted, most=100
    )
    yield Figure(
        f"dashboard p95, warm, {size:,}",
        slow_milliseconds(lambda: store.read(actor, statistics.of_hospital), 300),
        limit,
        counted,
        most=1,
    )
