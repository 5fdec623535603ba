"""Slips to be set on paper, and PDFs read back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from jobs.documents.fonts import SYSTEM_FOLDERS, Fonts
from store.values import AppointmentSlip, AppointmentStatus, DayLine, DayList, Sex, TokenSlip

AT = datetime(2026, 1, 5, 10, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
TOKEN = TokenSlip(
    1, "City Hospital", "A-12", "Asha R.", "000009-2", "Dr Anita Nair", "Cardiology", AT
)
APPOINTMENT = AppointmentSlip(
    appointment_id=17,
    hospital="City Hospital",
    patient="Asha Rao",
    mrn="000009-2",
    doctor="Dr Anita Nair",
    department="Cardiology",
    starts_at=AT,
    ends_at=AT.replace(minute=45),
    cancel_until=AT.replace(hour=8),
)
NOTE = "Please bring this slip."


def line(patient: str = "Asha Rao", phone: str | None = "+919845011223") -> DayLine:
    return DayLine(
        appointment_id=17,
        starts_at=AT,
        token="A-12",
        patient=patient,
        mrn="000009-2",
        age=34,
        sex=Sex.FEMALE,
        phone=phone,
        doctor="Dr Anita Nair",
        status=AppointmentStatus.CHECKED_IN,
    )


def day(*lines: DayLine) -> DayList:
    return DayList("City Hospital", AT.date(), None, lines, AT, "Meera Joshi")


@contextmanager
def opened(data: bytes) -> Iterator[PdfReader]:
    assert data.startswith(b"%PDF-")
    with PdfReader(io.BytesIO(data)) as reader:
        yield reader


def pages(data: bytes) -> list[str]:
    """The text of each page, on one line."""
    with opened(data) as reader:
        return [" ".join(page.extract_text().split()) for page in reader.pages]


def fonts_in(data: bytes) -> set[str]:
    """The names of the fonts in it, without the tags of subsets."""
    found: set[str] = set()
    with opened(data) as reader:
        for page in reader.pages:
            resources: Any = page["/Resources"]
            for font in resources["/Font"].values():
                found.add(str(font.get_object()["/BaseFont"]).rpartition("+")[2].lstrip("/"))
    return found


def folder_of(*names: str) -> list[Path]:
    """The system's folders that have these fonts; the test is left out where one is missing."""
    found = []
    for name in names:
        files = [f for folder in SYSTEM_FOLDERS for f in Path(folder).expanduser().rglob(name)]
        if not files:
            pytest.skip(f"no font {name} here; on Debian: apt-get install fonts-lohit-deva")
        found.append(files[0].parent)
    return found


NO_FONTS = Fonts(system=())
"""A machine without a single font."""
