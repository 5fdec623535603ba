"""`patients duplicates`, `merge` and `unmerge`."""

from __future__ import annotations

from tests.cli.conftest import Cli

MEERA = "000001-7"


def again(desk: Cli) -> str:
    """Meena Rao, registered a second time with another telephone."""
    words = ("--name", "Mina Rao", "--birth-date", "1991-04-03", "--phone", "98450 44556")
    return str(desk.json("patients", "add", *words)["mrn"])


def test_a_patient_registered_twice_is_found_merged_and_separated(desk: Cli) -> None:
    other = again(desk)
    (pair,) = desk.json("patients", "duplicates")
    assert [one["mrn"] for one in pair["patients"]] == [MEERA, other]
    assert pair["because"] == ["same birth date"]
    assert f"{MEERA},Meena Rao" in desk("patients", "duplicates", "--csv").stdout

    tried = desk.json("patients", "merge", MEERA, other, "--take", "phone", "--dry-run")
    told = {one["name"]: one["taken"] for one in tried["fields"]}
    assert (tried["dry_run"], told["phone"], told["name"]) == (True, True, False)
    assert desk.json("patients", "show", other)["name"] == "Mina Rao"

    refused = desk.refused("patients", "merge", MEERA, other, code=2)
    assert "--yes" in refused["message"]
    done = desk.json("patients", "merge", MEERA, other, "--take", "phone", "--yes")
    assert (done["survivor"]["mrn"], done["survivor"]["phone"]) == (MEERA, "+919845044556")
    for number in (MEERA, other):
        assert desk.json("patients", "show", number)["mrn"] == MEERA
        assert [one["mrn"] for one in desk.json("patients", "search", number)] == [MEERA]
    assert other in desk("patients", "show", MEERA).stdout
    assert desk.json("patients", "duplicates") == []

    assert desk.json("patients", "unmerge", other, "--dry-run")["dry_run"] is True
    desk("patients", "unmerge", other, "--yes")
    assert desk.json("patients", "show", other)["name"] == "Mina Rao"
    assert desk.json("patients", "show", MEERA)["phone"] == "+919845011223"
    assert desk.refused("patients", "unmerge", other, "--yes", code=7)["code"] == "in_use"


def test_what_cannot_be_merged_is_said(desk: Cli) -> None:
    other = again(desk)
    wrong = desk.refused("patients", "merge", MEERA, other, "--take", "shoes", "--dry-run", code=6)
    assert "emergency_contact" in wrong["message"]
    assert desk.refused("patients", "merge", MEERA, "X-9", "--yes", code=5)["code"] == "not_found"
    assert desk.refused("patients", "merge", MEERA, MEERA, "--yes", code=6)["code"] == "invalid"


def test_two_people_are_suggested_no_more(desk: Cli) -> None:
    other = again(desk)
    done = desk.json("patients", "not-same", other, MEERA)
    assert [one["mrn"] for one in done["patients"]] == [MEERA, other]
    assert desk.json("patients", "duplicates") == []
    (marked,) = desk.json("patients", "duplicates", "--not-same")
    assert marked["not_same_since"] == done["not_same_since"]
    assert f"{MEERA},Meena Rao" in desk("patients", "duplicates", "--not-same", "--csv").stdout
    assert desk.json("patients", "merge", MEERA, other, "--dry-run")["not_same"] is True

    assert desk.json("patients", "not-same", MEERA, other, "--undo")["not_same_since"] is None
    assert len(desk.json("patients", "duplicates")) == 1
    again_refused = desk.refused("patients", "not-same", MEERA, other, "--undo", code=7)
    assert "Nobody has said" in again_refused["message"]
