"""The codes in which records leave and come in: FHIR's own, LOINC, UCUM and ICD-10."""

from __future__ import annotations

from store.values import AppointmentStatus

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ERROR = "entered-in-error"
AGED = "urn:uuid:6d0f2c9e-52b7-4b0a-9c57-3f1e6a5d8b41"
"""Our extension of a birth date of which only an age was told: the day so many years before."""
TERMS = "http://terminology.hl7.org/CodeSystem"
APPOINTMENT = {
    AppointmentStatus.BOOKED: "booked",
    AppointmentStatus.CHECKED_IN: "checked-in",
    AppointmentStatus.IN_CONSULTATION: "arrived",
    AppointmentStatus.COMPLETED: "fulfilled",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.NO_SHOW: "noshow",
    AppointmentStatus.LEFT: "cancelled",
    AppointmentStatus.RESCHEDULED: "cancelled",
    AppointmentStatus.IN_ERROR: "entered-in-error",
}
VITALS = (
    ("pulse_bpm", "8867-4", "Heart rate", "/min"),
    ("temperature_c", "8310-5", "Body temperature", "Cel"),
    ("weight_kg", "29463-7", "Body weight", "kg"),
    ("height_cm", "8302-2", "Body height", "cm"),
    ("spo2_percent", "59408-5", "Oxygen saturation by pulse oximetry", "%"),
    ("respiration_per_min", "9279-1", "Respiratory rate", "/min"),
    ("bmi", "39156-5", "Body mass index", "kg/m2"),
)
PRESSURE = (
    ("systolic_mmhg", "8480-6", "Systolic blood pressure"),
    ("diastolic_mmhg", "8462-4", "Diastolic blood pressure"),
)
SEVERITIES = ("mild", "moderate", "severe")

BECAUSE = {
    AppointmentStatus.LEFT: "Left before being seen",
    AppointmentStatus.RESCHEDULED: "Moved to another time",
}
"""Why an appointment counts as cancelled, where it was not simply that."""

TREATMENT, NOTES, COME_AGAIN = "18776-5", "34109-9", "69730-0"
"""The parts of a visit that no resource has: plan of care, notes, and when to come again."""

AMENDED = "Amended"
"""How the title of an amendment's section begins; when and what follow."""
