"""A patient who can sign in, for tests of the patient's screens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store import registration
from store.values import PatientInput, PatientView, Sex
from tests.ui.clinic import PASSWORD, Clinic


@pytest.fixture
def asha(clinic: Clinic) -> PatientView:
    """Signs in as `asha`; the last of the clinic's patients."""
    patient = registration.register_self(
        clinic.store,
        PatientInput("Asha Verma", "1988-09-02", Sex.FEMALE, "9845099887"),
        username="asha",
        password=PASSWORD,
        terminal="kiosk",
    )
    people = clinic.people
    clinic.people = replace(people, patients=(*people.patients, patient))
    return patient
