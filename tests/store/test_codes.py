"""ICD-10: codes found as a doctor types."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from store import codes


def found(text: str, limit: int = 10) -> list[str]:
    return [hit.code for hit in codes.search_icd10(text, limit)]


def test_a_code_is_found_by_its_beginning_in_code_order() -> None:
    assert found("E11", 3) == ["E11", "E11.0", "E11.1"]
    assert found("e119") == found("E11.9") == ["E11.9"]


def test_words_of_a_title_in_any_order_and_unfinished() -> None:
    assert found("type 2 diab")[0] == "E11"
    assert found("diab 2 type")[0] == "E11"
    assert found("pharyng acute")[0] == "J02"
    assert found("Crohn’s")[0] == "K50.9"
    assert found("ASTHMA")[0] == "J45"


def test_full_width_and_indian_digits_are_digits() -> None:
    assert found("Ｅ１１.९") == ["E11.9"]


@pytest.mark.parametrize("text", ["", "   ", "%", "[/", "qqqq", "I", "A00-A09", "\x00", "🙂"])
def test_nonsense_finds_no_chapter_and_breaks_nothing(text: str) -> None:
    assert all("-" not in code and len(code) > 2 for code in found(text))


def test_no_more_than_asked_for() -> None:
    assert len(found("fever", 4)) == 4
    assert found("fever", 0) == []


def test_titles() -> None:
    assert codes.title("I10") == "Essential (primary) hypertension"
    assert codes.title("e119") == codes.title("E11.9")
    assert codes.title("Z99.99") is None
    assert codes.title("XXII") is None
    assert codes.title("") is None


def test_many_threads_build_one_index() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: found("hypertens"), range(32)))
    assert all(answer == answers[0] and "I10" in answer for answer in answers)
