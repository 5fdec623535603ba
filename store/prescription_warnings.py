"""What a drug meets: allergies, medicines already taken, lines of the same prescription.

By ingredient and class where the formulary knows the drug, combinations by each of their
ingredients; by the words that tell which drug it is where it does not. No database.

* An allergy meets every drug with its ingredient. An allergy to a class (“penicillin”, “sulfa”)
  meets every drug of it, and so does an allergy to one drug of a class in `CROSS_REACTING`.
* The same ingredient twice is warned of, and of `ONE_IS_ENOUGH` the same class twice.
* Between different classes only the pairs of `DANGEROUS` are warned of: few, certain and well
  known, because a warning that comes with every prescription is read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from store.formulary_index import Formulary, Substances, singular
from store.text import words
from store.values import PrescriptionInput

CROSS_REACTING = frozenset({"penicillin", "cephalosporin", "carbapenem", "sulfonamide", "nsaid"})
"""Classes of which an allergy to one drug is taken for an allergy to all."""

ONE_IS_ENOUGH = frozenset(
    {
        "ace inhibitor",
        "alpha blocker",
        "anticoagulant",
        "arb",
        "benzodiazepine",
        "beta blocker",
        "calcium channel blocker",
        "corticosteroid",
        "dpp-4 inhibitor",
        "fluoroquinolone",
        "h2 blocker",
        "macrolide",
        "nsaid",
        "opioid",
        "ppi",
        "sglt2 inhibitor",
        "ssri",
        "statin",
        "sulfonylurea",
        "thiazide",
        "tricyclic antidepressant",
    }
)
"""Classes of which a second drug adds harm rather than effect. Two insulins, two inhalers of one
class, two medicines for tuberculosis or two for epilepsy are treatment, and not among them."""

DANGEROUS: tuple[tuple[str, str, str], ...] = (
    ("vitamin k antagonist", "nsaid", "bleeding"),
    ("nitrate", "pde5 inhibitor", "a severe fall of blood pressure"),
    ("methotrexate", "antifolate", "bone marrow failure"),
    ("ace inhibitor", "potassium", "a high potassium"),
    ("arb", "potassium", "a high potassium"),
    ("ace inhibitor", "potassium-sparing diuretic", "a high potassium"),
    ("arb", "potassium-sparing diuretic", "a high potassium"),
    ("verapamil", "beta blocker", "heart block"),
    ("simvastatin", "clarithromycin", "muscle breakdown"),
    ("simvastatin", "erythromycin", "muscle breakdown"),
    ("azathioprine", "allopurinol", "bone marrow failure"),
    ("linezolid", "ssri", "serotonin syndrome"),
)
"""Ingredients or classes that harm together, and how. Each pair stands as severe in the
interactions appendix of the British National Formulary and in the prescribing information of the
drugs (warfarin, sildenafil, methotrexate, enalapril, spironolactone, verapamil, simvastatin,
azathioprine, linezolid)."""

_SHOWN = {
    "nsaid": "NSAID",
    "ace inhibitor": "ACE inhibitor",
    "arb": "ARB",
    "ppi": "PPI",
    "h2 blocker": "H2 blocker",
    "ssri": "SSRI",
    "dpp-4 inhibitor": "DPP-4 inhibitor",
    "sglt2 inhibitor": "SGLT2 inhibitor",
}

_FORMS = """
    actuat actuation allergy and auto capsule chewable cream day delayed disease drop drug dry
    extended for forte gel hour hr inhaler inhalation injectable injection injector iu kit lotion
    mcg medication mg ml nasal nos of ointment ophthalmic or oral organism pack patch plus powder
    product release sachet solution spray sterile substance suspension syringe syrup tab tablet the
    topical transdermal unit with
"""
"""Words of forms, routes and units: two drugs that share them have nothing in common."""

_SALTS = """
    acetate acid chloride citrate hcl hydrochloride maleate nitrate phosphate potassium sodium
    sulfate sulphate tartrate
"""
"""Words of salts and acids: they say which drug it is only where no other word does."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a patient that a new drug may meet."""

    allergies: list[str]
    running: list[tuple[PrescriptionInput, date | None]]


@dataclass(frozen=True, slots=True)
class _Read:
    """A drug as it is compared."""

    substances: Substances
    telling: frozenset[str]

    @property
    def named(self) -> frozenset[str]:
        """Its ingredients and classes."""
        return self.substances.ingredients | self.substances.classes


def met(formulary: Formulary, known: Known, drug: str, beside: Iterable[str]) -> list[str]:
    """Sentences for what a drug meets: allergies first, then what is taken, then its own
    prescription."""
    wanted = _read(formulary, drug)
    found = [
        f"The patient is recorded as allergic to {substance}."
        for substance in known.allergies
        if _is_allergic(_read(formulary, substance), wanted)
    ]
    for taken, last_day in known.running:
        other, until = _read(formulary, taken.drug), _until(last_day)
        if _same(wanted, other):
            found.append(f"The patient takes {_with_dose(taken)} {until}.")
        else:
            found += _between(wanted, other, f"the patient takes {_with_dose(taken)} {until}")
    for drug_beside in filter(None, beside):
        other = _read(formulary, drug_beside)
        if _same(wanted, other):
            found.append(f"This prescription has {drug_beside} already.")
        else:
            found += _between(wanted, other, f"this prescription has {drug_beside}")
    return list(dict.fromkeys(found))


def identity(formulary: Formulary, drug: str) -> frozenset[str]:
    """What makes two drugs the same medicine: their ingredients, else their telling words."""
    read = _read(formulary, drug)
    return read.substances.ingredients or read.telling


def telling(text: str) -> frozenset[str]:
    """The words of a drug or a substance that say which it is, in the singular, numbers left
    out; words of salts where it has no other (potassium chloride), else all of its words."""
    found = frozenset(
        singular(word) for word in words(text) if len(word) > 1 and not word[0].isdigit()
    )
    return found - _FORM_WORDS - _SALT_WORDS or found - _FORM_WORDS or found


def _read(formulary: Formulary, text: str) -> _Read:
    return _Read(formulary.substances(text), telling(text))


def _is_allergic(allergy: _Read, drug: _Read) -> bool:
    """By ingredient and class, and by words all the same: an allergy is better met twice."""
    classes = allergy.substances.named_classes | (allergy.substances.classes & CROSS_REACTING)
    return bool(
        allergy.substances.ingredients & drug.substances.ingredients
        or classes & (drug.substances.classes | drug.substances.named_classes)
        or allergy.telling & drug.telling
    )


def _same(one: _Read, other: _Read) -> bool:
    """Whether two drugs share an ingredient; by words where the formulary knows either not."""
    if one.substances.ingredients and other.substances.ingredients:
        return bool(one.substances.ingredients & other.substances.ingredients)
    return bool(one.telling & other.telling)


def _between(one: _Read, other: _Read, where: str) -> list[str]:
    """The same class twice, and pairs that are dangerous together."""
    twice = sorted(one.substances.classes & other.substances.classes & ONE_IS_ENOUGH)
    found = [f"A second {_SHOWN.get(name, name)}: {where}." for name in twice]
    for first, second, harm in DANGEROUS:
        met_so = first in one.named and second in other.named
        if met_so or (second in one.named and first in other.named):
            found.append(f"Together they risk {harm}: {where}.")
    return found


def _with_dose(line: PrescriptionInput) -> str:
    return f"{line.drug} {line.dose}".rstrip()


def _until(last_day: date | None) -> str:
    return "(no end given)" if last_day is None else f"until {last_day:%d %b %Y}"


_FORM_WORDS, _SALT_WORDS = frozenset(_FORMS.split()), frozenset(_SALTS.split())
