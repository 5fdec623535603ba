"""The replay's own file reading and counting, on a file with every quirk of the real one."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench.noshow_file import COLUMNS, read_bookings
from bench.replay import replay
from bench.tally import Check, compare
from store import schema
from store.clock import FixedClock
from store.errors import Invalid
from tests.hospital import MakeStore

ROOT = Path(__file__).resolve().parents[2]
FIRST = datetime(2016, 4, 27, 11, 0, tzinfo=UTC)
DAY = "2016-04-29T00:00:00Z"


def row(number: int, **given: str) -> dict[str, str]:
    """A line of the file: patient 1000 + number, booked a minute after the one before."""
    return {
        "PatientId": str(1000 + number),
        "AppointmentID": str(5_000_000 + number),
        "Gender": "FM"[number % 2],
        "ScheduledDay": (FIRST + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "AppointmentDay": DAY,
        "Age": str(number % 90),
        "Neighbourhood": ("JARDIM DA PENHA", "MÁRIO CYPRESTE", "ILHA DO BOI")[number % 3],
        "No-show": "Yes" if number % 5 == 0 else "No",
    } | given


QUIRKS = [
    row(1, PatientId="53761528476E-5"),
    row(2, PatientId="1.0E3", Age="-1"),
    row(3, PatientId="1000.0", Age="115"),
    row(4, PatientId="1000", Age="500"),
    row(5, PatientId="1000", Neighbourhood="ILHA DO BOI"),
    row(6, PatientId="1000", Neighbourhood="ILHA DO BOI"),
    row(7, ScheduledDay="2016-05-03T10:00:00Z"),
    row(8, ScheduledDay="2016-04-29T23:30:00Z"),
    row(9, ScheduledDay="2016-04-29T18:38:08Z"),
    row(10, **{"No-show": "Perhaps"}),
    row(11, AppointmentDay="2016-02-30T00:00:00Z"),
]


@pytest.fixture
def noshow_file(tmp_path: Path) -> Path:
    path = tmp_path / "noshow.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        writer.writerows(row(number) for number in range(20, 200))
        writer.writerows(QUIRKS)
    return path


def test_quirks_are_counted_and_nothing_is_dropped_silently(noshow_file: Path) -> None:
    bookings, quirks = read_bookings(noshow_file)
    assert len(bookings) == 180 + len(QUIRKS) - 2
    assert quirks.unreadable == [191, 192]
    assert quirks.odd_patient_ids == 3
    assert (quirks.ages_below_zero, quirks.ages_beyond) == (1, 1)
    assert quirks.again_that_day == 2
    assert [one.booked_at for one in bookings] == sorted(one.booked_at for one in bookings)
    assert {one.patient for one in bookings} >= {"1000", "537615.28476"}


def test_the_hospital_agrees_with_the_file(
    noshow_file: Path, found_hospital: Callable[..., str], make_store: MakeStore, clock: FixedClock
) -> None:
    zone = "America/Sao_Paulo"
    url = found_hospital(zone)
    store = make_store(url, timezone=zone)
    bookings, _ = read_bookings(noshow_file)
    done = replay(store, clock, bookings)
    checks = compare(url, bookings, ZoneInfo(zone))
    assert [check for check in checks if not check.agrees] == []
    assert Check("appointments", 189, 189) in checks
    assert done.late == 2
    assert len(done.staff["ILHA DO BOI"]) == 2
    assert schema.check(store.database) == []


def test_a_difference_is_told(
    noshow_file: Path, found_sqlite: Callable[..., str], make_store: MakeStore, clock: FixedClock
) -> None:
    url = found_sqlite("America/Sao_Paulo")
    bookings, _ = read_bookings(noshow_file, limit=20)
    replay(make_store(url, timezone="America/Sao_Paulo"), clock, bookings[:-1])
    checks = compare(url, bookings, ZoneInfo("America/Sao_Paulo"))
    assert Check("appointments", 20, 19) in checks
    assert not all(check.agrees for check in checks)


def test_the_program_runs_from_anywhere(noshow_file: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "replay.py"), str(noshow_file), "--limit", "30"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "DIFFERS" not in ran.stdout
    assert "30 bookings" in ran.stdout


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name\nRao\n")
    with pytest.raises(Invalid, match="no column PatientId"):
        read_bookings(other)
