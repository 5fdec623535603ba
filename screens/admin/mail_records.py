"""A patient's records by mail, on the patient's behalf: to the patient's own address alone."""

from __future__ import annotations

from screens.context import ScreenContext
from screens.patient.mail_records import MailRecordsDialog
from store.values import PatientView


class MailPatientRecords(MailRecordsDialog):
    """As the patient would ask for them; answers with the sentence that says so."""

    TITLE_TEXT = "Records by e-mail"
    OPENED_BY = "Their archive opens with a password that you tell the patient, not by e-mail."
    NO_ADDRESS = "This patient has no e-mail address. Enter one first (e), then come again."

    def __init__(self, context: ScreenContext, patient: PatientView) -> None:
        super().__init__(context)
        self.patient = patient

    @property
    def patient_id(self) -> int:
        """Whose."""
        return self.patient.id

    def ask_words(self) -> str:
        """Whose records go where."""
        return f"Send the records of {self.patient.name} to"

    def done_words(self, password: str) -> str:
        """That they are on their way, and what opens them."""
        return (
            f"The records of {self.patient.name} are on their way to {self.address}. Their archive"
            f" opens with {password}: tell the patient, but not by e-mail. m shows it again."
        )
