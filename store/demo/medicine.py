"""What the invented patients come with: departments, doctors, complaints and what is given."""

from __future__ import annotations

from dataclasses import dataclass

from store.values import Diagnosis, PrescriptionInput


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing people see a doctor for."""

    symptoms: str
    diagnosis: Diagnosis
    treatment: str
    prescription: tuple[PrescriptionInput, ...] = ()


@dataclass(frozen=True, slots=True)
class Ward:
    """A department with its doctors (user name, name, qualification) and its complaints."""

    name: str
    description: str
    doctors: tuple[tuple[str, str, str], ...]
    complaints: tuple[Complaint, ...]


def _line(drug: str, dose: str, frequency: str, days: int, when: str) -> PrescriptionInput:
    daily = sum(int(part) for part in frequency.split("-"))
    return PrescriptionInput(drug, dose, "oral", frequency, days, daily * days, when)


def _seen(
    symptoms: str, code: str, text: str, treatment: str, *lines: PrescriptionInput
) -> Complaint:
    return Complaint(symptoms, Diagnosis(text, code), treatment, lines)


_PARACETAMOL = _line("paracetamol", "500 mg", "1-1-1", 3, "after food")
_METFORMIN = _line("metformin", "500 mg", "1-0-1", 90, "after food")
_AMLODIPINE = _line("amlodipine", "5 mg", "1-0-0", 90, "in the morning")
_IBUPROFEN = _line("ibuprofen", "400 mg", "1-0-1", 5, "after food")
_CETIRIZINE = _line("cetirizine", "10 mg", "0-0-1", 7, "at night")

WARDS: tuple[Ward, ...] = (
    Ward(
        "General Medicine",
        "Fever, diabetes, blood pressure and whatever does not fit elsewhere",
        (
            ("dr.nair", "Dr Kavita Nair", "MD (General Medicine)"),
            ("dr.bose", "Dr Arindam Bose", "MBBS, MD"),
            ("dr.khan", "Dr Imran Khan", "MD (Internal Medicine)"),
            ("dr.patil", "Dr Sunita Patil", "MBBS, DNB"),
        ),
        (
            _seen(
                "fever for three days, body ache",
                "B34.9",
                "Viral infection",
                "rest, fluids",
                _PARACETAMOL,
            ),
            _seen(
                "tired, thirst more than before",
                "E11.9",
                "Type 2 diabetes mellitus",
                "diet sheet given, walk daily",
                _METFORMIN,
            ),
            _seen(
                "headache in the mornings",
                "I10",
                "Essential hypertension",
                "less salt",
                _AMLODIPINE,
            ),
            _seen(
                "cough and cold since Sunday",
                "J06.9",
                "Acute upper respiratory infection",
                "steam inhalation",
                _PARACETAMOL,
                _CETIRIZINE,
            ),
        ),
    ),
    Ward(
        "Cardiology",
        "Heart and blood vessels",
        (
            ("dr.mehta", "Dr Rohan Mehta", "DM (Cardiology)"),
            ("dr.iyer", "Dr Lakshmi Iyer", "MD, DM"),
            ("dr.sandhu", "Dr Balbir Sandhu", "DM (Cardiology)"),
        ),
        (
            _seen(
                "breathless on stairs",
                "I50.9",
                "Heart failure",
                "daily weight, less salt",
                _line("furosemide", "40 mg", "1-0-0", 30, "in the morning"),
            ),
            _seen(
                "pain in the chest when walking fast",
                "I20.9",
                "Angina pectoris",
                "treadmill test arranged",
                _line("aspirin", "75 mg", "0-1-0", 90, "after food"),
                _line("atorvastatin", "10 mg", "0-0-1", 90, "at night"),
            ),
            _seen(
                "routine follow-up, no complaint",
                "I10",
                "Essential hypertension",
                "continue",
                _AMLODIPINE,
            ),
        ),
    ),
    Ward(
        "Paediatrics",
        "Children up to sixteen",
        (
            ("dr.desai", "Dr Nandini Desai", "MD (Paediatrics)"),
            ("dr.thomas", "Dr Mathew Thomas", "DCH, DNB"),
            ("dr.gupta", "Dr Neha Gupta", "MD (Paediatrics)"),
        ),
        (
            _seen(
                "loose stools since yesterday",
                "A09.9",
                "Gastroenteritis",
                "ORS after each stool",
                _line("zinc sulfate", "20 mg", "1-0-0", 14, "after food"),
            ),
            _seen(
                "ear ache, fever at night",
                "H66.9",
                "Otitis media",
                "warm compress",
                _line("amoxicillin", "250 mg", "1-1-1", 5, "after food"),
            ),
            _seen("vaccination due", "Z23.8", "Immunization", "given, no reaction in 30 minutes"),
        ),
    ),
    Ward(
        "Orthopaedics",
        "Bones, joints and the back",
        (
            ("dr.reddy", "Dr Prakash Reddy", "MS (Orthopaedics)"),
            ("dr.gill", "Dr Harpreet Gill", "MS, DNB"),
            ("dr.das", "Dr Anirban Das", "D Ortho"),
        ),
        (
            _seen(
                "low back pain for two weeks",
                "M54.5",
                "Low back pain",
                "back exercises shown",
                _IBUPROFEN,
            ),
            _seen(
                "knee hurts on stairs",
                "M17.9",
                "Osteoarthritis of the knee",
                "quadriceps exercises",
                _PARACETAMOL,
            ),
            _seen(
                "fell from a scooter, wrist swollen",
                "S63.5",
                "Sprain of the wrist",
                "crepe bandage, rest for two weeks",
                _IBUPROFEN,
            ),
        ),
    ),
    Ward(
        "Obstetrics and Gynaecology",
        "Women's health, pregnancy and birth",
        (
            ("dr.menon", "Dr Radha Menon", "MD (OBG)"),
            ("dr.shaikh", "Dr Farida Shaikh", "MS (OBG)"),
            ("dr.kulkarni", "Dr Vidya Kulkarni", "DGO, DNB"),
        ),
        (
            _seen(
                "antenatal visit, baby moves well",
                "Z34.9",
                "Supervision of normal pregnancy",
                "next scan booked",
                _line("iron and folic acid", "1 tab", "0-1-0", 30, "after food"),
            ),
            _seen("irregular periods", "N92.6", "Irregular menstruation", "ultrasound asked for"),
            _seen(
                "burning when passing water",
                "N39.0",
                "Urinary tract infection",
                "plenty of water",
                _line("nitrofurantoin", "100 mg", "1-0-1", 5, "after food"),
            ),
        ),
    ),
    Ward(
        "Dermatology",
        "Skin, hair and nails",
        (
            ("dr.kapoor", "Dr Ishita Kapoor", "MD (Dermatology)"),
            ("dr.fernandes", "Dr Teresa Fernandes", "DDVL"),
        ),
        (
            _seen(
                "itching rash on the arms",
                "L20.9",
                "Atopic dermatitis",
                "moisturiser twice a day",
                _CETIRIZINE,
            ),
            _seen(
                "ring-shaped itching patch",
                "B35.4",
                "Tinea corporis",
                "keep dry, cotton clothes",
                _line("terbinafine", "250 mg", "0-0-1", 14, "after food"),
            ),
        ),
    ),
    Ward(
        "Ear, Nose and Throat",
        "Hearing, sinuses, voice",
        (
            ("dr.hegde", "Dr Vinod Hegde", "MS (ENT)"),
            ("dr.ansari", "Dr Zaheer Ansari", "DLO"),
            ("dr.joshi", "Dr Charu Joshi", "MS (ENT)"),
        ),
        (
            _seen(
                "blocked nose, pain over the cheeks",
                "J01.9",
                "Acute sinusitis",
                "saline rinse, steam",
                _line("amoxicillin", "500 mg", "1-1-1", 7, "after food"),
            ),
            _seen("hearing less on the right", "H61.2", "Impacted cerumen", "wax removed"),
        ),
    ),
    Ward(
        "Ophthalmology",
        "Eyes and sight",
        (
            ("dr.raman", "Dr Venkatesh Raman", "MS (Ophthalmology)"),
            ("dr.pereira", "Dr Mary Pereira", "DOMS"),
            ("dr.chopra", "Dr Rahul Chopra", "MS (Ophthalmology)"),
        ),
        (
            _seen(
                "red, watering eye",
                "H10.9",
                "Conjunctivitis",
                "wash hands, own towel",
                _line("moxifloxacin drops", "1 drop", "1-1-1", 5, "in the affected eye"),
            ),
            _seen("reads with difficulty", "H52.4", "Presbyopia", "glasses prescribed"),
            _seen("sight cloudy for months", "H25.9", "Senile cataract", "surgery discussed"),
        ),
    ),
)
"""Eight departments with twenty-four doctors."""
