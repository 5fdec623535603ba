"""The formulary: finding drugs, keeping them, and what a prescription meets by them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from store import formulary, prescriptions, records
from store.actors import system
from store.errors import ImportRejected, Invalid
from store.exchange import csv_export, csv_import
from store.formulary import DrugInput
from store.formulary_index import Formulary
from store.front_door import Store
from store.values import DrugView, PrescriptionInput, RecordInput
from tests import hostile
from tests.store.clinic import Clinic, open_clinic


@pytest.fixture(scope="module")
def starter() -> Formulary:
    """The list that comes with the program, as it is searched."""

    def parts(text: str | None) -> tuple[str, ...]:
        return tuple(text.split(";")) if text else ()

    return Formulary(
        DrugView(
            number,
            one.name,
            parts(one.ingredients),
            parts(one.classes),
            parts(one.forms),
            parts(one.strengths),
            parts(one.synonyms),
            one.atc or "",
        )
        for number, one in enumerate(formulary.starter(), 1)
    )


@pytest.fixture
def clinic(store: Store) -> Clinic:
    """A clinic with the starter list, whose patient Rao is being seen."""
    store.write(system(), formulary.load_starter)
    made = open_clinic(store)
    made.visit(made.rao, made.nair, overbooked=True)
    return made


def test_the_starter_list_is_sound(starter: Formulary) -> None:
    names = [name.casefold() for one in starter.drugs for name in (one.name, *one.synonyms)]
    assert len(names) == len(set(names))
    assert len(starter.drugs) >= 150
    for drug in starter.drugs:
        assert drug.ingredients, drug
        assert drug.classes, drug
        assert drug.forms, drug
        assert not drug.atc or re.fullmatch(r"[A-Z]\d\d[A-Z]{2}\d\d", drug.atc), drug
        assert starter.named(drug.name) is drug


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("amox", "Amoxicillin"),
        ("paraceta", "Paracetamol"),
        ("acetamino", "Paracetamol"),
        ("co-amox", "Amoxicillin + clavulanic acid"),
        ("metformin", "Metformin"),
        ("clavulanic", "Amoxicillin + clavulanic acid"),
        ("amoxycilin", "Amoxicillin"),
        ("ciproflaxacin", "Ciprofloxacin"),
        ("vitamin d", "Colecalciferol"),
    ],
)
def test_a_drug_is_found_as_one_types(starter: Formulary, typed: str, first: str) -> None:
    assert starter.search(typed)[0].name == first


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("amox", "Amoxicillin"),
        ("AMOXICILLIN", "Amoxicillin"),
        ("pcm", "Paracetamol"),
        ("cotrimoxazole", "Sulfamethoxazole + trimethoprim"),
        ("insulin 30/70", "Insulin 30/70"),
        ("amo", None),
        ("meto", None),
        ("levo", None),
        ("amoxicilin", None),
        ("", None),
    ],
)
def test_only_what_is_beyond_doubt_is_taken_for_a_drug(
    starter: Formulary, typed: str, name: str | None
) -> None:
    found = starter.named(typed)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("text", [*hostile.LITERAL, *hostile.REFUSED, hostile.TOO_LONG])
def test_any_text_may_be_looked_for(starter: Formulary, text: str) -> None:
    starter.search(text)
    starter.named(text)
    starter.substances(text)


def warned(clinic: Clinic, drug: str, *beside: str) -> list[str]:
    assert clinic.rao.patient_id is not None
    return clinic.store.read(
        clinic.nair, prescriptions.warnings, clinic.rao.patient_id, drug, beside=beside
    )


@pytest.mark.parametrize(
    ("substance", "drugs", "harmless"),
    [
        (
            "Penicillins",
            ("Amoxicillin 500 mg", "co-amoxiclav 625", "Piperacillin + tazobactam"),
            ("Penicillamine", "Azithromycin"),
        ),
        (
            "sulfa drugs",
            ("cotrimoxazole", "Silver sulfadiazine cream"),
            ("Zinc sulfate", "Furosemide"),
        ),
        ("NSAIDs", ("Aspirin 75", "Diclofenac sodium 50 mg", "Etoricoxib"), ("Paracetamol",)),
        ("aspirin", ("Ibuprofen 400 mg",), ("Tramadol",)),
        ("amoxicillin (rash)", ("Ampicillin", "Benzylpenicillin inj"), ("Cefalexin",)),
        ("paracetamol", ("Tramadol + paracetamol",), ("Tramadol",)),
    ],
)
def test_an_allergy_meets_by_ingredient_and_class(
    clinic: Clinic, substance: str, drugs: tuple[str, ...], harmless: tuple[str, ...]
) -> None:
    clinic.allergy(clinic.rao, substance)
    for drug in drugs:
        assert warned(clinic, drug) == [f"The patient is recorded as allergic to {substance}."], (
            drug
        )
    for drug in harmless:
        assert warned(clinic, drug) == [], drug


@pytest.mark.parametrize(
    ("drug", "beside", "told"),
    [
        ("PCM 650", "Paracetamol", "This prescription has Paracetamol already."),
        ("Ibuprofen", "Diclofenac", "A second NSAID: this prescription has Diclofenac."),
        (
            "Telmisartan + amlodipine",
            "Amlodipine 5",
            "This prescription has Amlodipine 5 already.",
        ),
        (
            "Warfarin",
            "Ibuprofen",
            "Together they risk bleeding: this prescription has Ibuprofen.",
        ),
        (
            "sildenafil 50",
            "GTN",
            "Together they risk a severe fall of blood pressure: this prescription has GTN.",
        ),
        (
            "Methotrexate",
            "cotrimoxazole",
            "Together they risk bone marrow failure: this prescription has cotrimoxazole.",
        ),
        (
            "Potassium chloride",
            "Ramipril",
            "Together they risk a high potassium: this prescription has Ramipril.",
        ),
        ("insulin glargine", "insulin aspart", None),
        ("Isoniazid", "Rifampicin", None),
        ("Homemade tonic", "Bitter tonic", "This prescription has Bitter tonic already."),
    ],
)
def test_what_does_not_go_together_is_told(
    clinic: Clinic, drug: str, beside: str, told: str | None
) -> None:
    assert warned(clinic, drug, beside) == ([told] if told else [])


def test_what_is_taken_is_known_by_its_ingredient(clinic: Clinic) -> None:
    taken = PrescriptionInput("Acetaminophen", "650 mg", duration_days=9)
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(taken,)))
    assert warned(clinic, "PCM") == ["The patient takes Acetaminophen 650 mg until 13 Jan 2026."]


def test_signing_waits_for_an_answer(clinic: Clinic) -> None:
    clinic.allergy(clinic.rao, "penicillin")
    visit = clinic.visit(clinic.rao, clinic.nair, overbooked=True)
    content = RecordInput(notes="x", prescription=(PrescriptionInput("co-amoxiclav"),))
    with clinic.store.transaction(clinic.nair) as tx:
        draft = records.open_draft(tx, visit)
        records.save_draft(tx, draft.id, content, version=None)
    with pytest.raises(Invalid, match="allergic to penicillin"):
        clinic.store.write(clinic.nair, records.sign, draft.id)


def test_a_change_is_found_at_once(clinic: Clinic) -> None:
    def found(text: str) -> list[str]:
        drugs = clinic.store.read(clinic.nair, formulary.search, text)
        return [drug.name for drug in drugs]

    assert found("zzbrand") == []
    drug = DrugInput("Zzbrand", ingredients="amoxicillin", classes="penicillin")
    view, new = clinic.store.write(clinic.admin, formulary.save, drug)
    assert (new, view.ingredients) == (True, ("amoxicillin",))
    assert found("zzbr") == ["Zzbrand"]
    assert warned(clinic, "Zzbrand", "Amoxicillin") == [
        "This prescription has Amoxicillin already."
    ]
    retired = DrugInput("zzbrand", active=False)
    view, new = clinic.store.write(clinic.admin, formulary.save, retired)
    assert (new, view.ingredients, view.active) == (False, ("amoxicillin",), False)
    assert clinic.store.write(clinic.admin, formulary.save, retired)[1] is None
    assert found("zzbr") == []
    assert warned(clinic, "Zzbrand", "Amoxicillin"), "what is prescribed still is what it was"


def test_the_starter_list_is_taken_once(clinic: Clinic) -> None:
    assert clinic.store.write(system(), formulary.load_starter) == 0


def test_a_file_comes_in_whole_twice_and_goes_out_again(clinic: Clinic, tmp_path: Path) -> None:
    store, admin = clinic.store, clinic.admin
    file = tmp_path / "drugs.csv"
    file.write_text(
        "name,ingredients,classes,strengths,synonyms\n"
        "Novodrug,novodrug,NSAID,50 mg;100 mg,novo\n"
        "Amoxicillin,amoxicillin,penicillin,500 mg,amox\n",
        encoding="utf-8",
    )
    dry = csv_import.import_file(store, admin, "formulary", file, dry_run=True)
    assert (dry.added, dry.updated) == (1, 1)
    assert store.read(clinic.nair, formulary.search, "novodrug") == []
    done = csv_import.import_file(store, admin, "formulary", file)
    assert (done.added, done.updated, done.refused) == (1, 1, 0)
    again = csv_import.import_file(store, admin, "formulary", file)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    (amoxicillin,) = store.read(clinic.nair, formulary.search, "amoxicillin", 1)
    assert (amoxicillin.strengths, amoxicillin.forms) == (("500 mg",), ("cap", "tab", "susp"))
    out = io.StringIO(newline="")
    count = csv_export.export(store, admin, "formulary", out)
    assert count == len(formulary.starter()) + 1
    copy = tmp_path / "copy.csv"
    copy.write_text(out.getvalue(), encoding="utf-8", newline="")
    back = csv_import.import_file(store, admin, "formulary", copy)
    assert (back.rows, back.unchanged) == (count, count)


def test_a_row_that_cannot_be_kept_is_told_and_nothing_is_taken(
    clinic: Clinic, tmp_path: Path
) -> None:
    file = tmp_path / "drugs.csv"
    file.write_text("name,atc,active\nGood,,yes\nBad,TOOLONGATC,yes\nOdd,,maybe\n", "utf-8")
    with pytest.raises(ImportRejected) as refused:
        csv_import.import_file(clinic.store, clinic.admin, "formulary", file)
    assert [row["line"] for row in refused.value.details["rows"]] == [3, 4]
    assert clinic.store.read(clinic.nair, formulary.search, "Good", 1) == []
