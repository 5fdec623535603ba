"""Prescription lines as they are written on paper: pure functions, no database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from store.prescription_quantity import FORMS, FREQUENCIES, in_words, pattern_of, total
from store.prescription_shorthand import ROUTES, TIMINGS, Reading, days, read, render
from store.values import DrugView, PrescriptionInput
from tests import hostile

AMOXICILLIN = DrugView(1, "Amoxicillin", strengths=("250 mg", "500 mg", "125 mg/5 ml"))
THYROXINE = DrugView(2, "Levothyroxine", strengths=("25 mcg", "100 mcg"))
MIXED = DrugView(3, "Human insulin 30/70", strengths=("100 IU/ml",))
NAMES = {
    "amox": AMOXICILLIN,
    "amoxicillin": AMOXICILLIN,
    "thyroxine": THYROXINE,
    "insulin 30/70": MIXED,
}
Line = PrescriptionInput


def reading(text: str) -> Reading:
    return read(text, lambda words: NAMES.get(words.casefold()))


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("amox 500 1-0-1 5d pc", Line("Amoxicillin", "500 mg", "", "1-0-1", 5, 10, "after food")),
        ("Tab. Dolo 650 mg TDS x 3 days", Line("Dolo", "650 mg tab", "", "TDS", 3, 9)),
        ("syp cetrizine 5 ml hs 5d", Line("cetrizine", "5 ml syp", "", "HS", 5, 25)),
        ("inj ceftriaxone 1 gm iv bd 5/7", Line("ceftriaxone", "1 g inj", "IV", "BD", 5, 10)),
        ("pred 5mg ½-0-½ x5", Line("pred", "5 mg", "", "½-0-½", 5, 5)),
        ("pred 5mg 1/2-0-1/2 x5", Line("pred", "5 mg", "", "½-0-½", 5, 5)),
        ("iron 1 - 1 - 1 - 1 2w", Line("iron", "", "", "1-1-1-1", 14, 56)),
        ("iron 1½-0-0 2/52", Line("iron", "", "", "1½-0-0", 14, 21)),
        ("zinc o.d. 1m a.c.", Line("zinc", "", "", "OD", 30, 30, "before food")),
        ("zinc bid 10 days with food", Line("zinc", "", "", "BD", 10, 20, "with food")),
        ("zinc every 8 hours for 2 days", Line("zinc", "", "", "q8h", 2, 6)),
        ("zinc q6h 2d", Line("zinc", "", "", "q6h", 2, 8)),
        ("zinc 2 tab bd 3d", Line("zinc", "2 tab", "", "BD", 3, 12)),
        ("amox 500 cap bd 5d", Line("Amoxicillin", "500 mg cap", "", "BD", 5, 10)),
        ("zinc stat", Line("zinc", "", "", "stat", None, 1)),
        ("alendronate 70 mg weekly 1m", Line("alendronate", "70 mg", "", "weekly", 30, 5)),
        (
            "prednisolone 5 mg alternate days 9d",
            Line("prednisolone", "5 mg", "", "alternate days", 9, 5),
        ),
        ("thyroxine 50 od", Line("Levothyroxine", "50 mcg", "", "OD")),
        ("thyroxine 0.1 mg od", Line("Levothyroxine", "0.1 mg", "", "OD")),
        ("insulin 30/70 10 units sc bd", Line("Human insulin 30/70", "10 units", "SC", "BD")),
        (
            "cipro eye drops 1 drop be qid 1w",
            Line("cipro", "1 drops eye drops", "", "QID", 7, None, "be"),
        ),
        (
            "cipro eye drops 1 drop R/E qid 1w",
            Line("cipro", "1 drops eye drops", "right eye", "QID", 7),
        ),
        ("salbutamol inhaler 2 puffs sos", Line("salbutamol", "2 puffs inhaler", "", "SOS")),
        ("clobetasol oint topical bd 1w", Line("clobetasol", "oint", "topical", "BD", 7)),
        ("para 15 mg/kg tds 3d", Line("para", "15 mg/kg", "", "TDS", 3)),
        (
            "amox 250mg/5ml 7.5 ml tds 5d",
            Line("Amoxicillin", "250 mg/5 ml 7.5 ml", "", "TDS", 5, 113),
        ),
        ("amox 500 od hs", Line("Amoxicillin", "500 mg", "", "OD", None, None, "at bedtime")),
        ("amox 500 hs od", Line("Amoxicillin", "500 mg", "", "OD", None, None, "at bedtime")),
        ("amox 500 1-0-1 sos 5d", Line("Amoxicillin", "500 mg", "", "1-0-1 SOS", 5)),
        ("amox १-०-१ ५d", Line("Amoxicillin", "", "", "1-0-1", 5, 10)),
        ("amox 500 1-0-1 5d qty 12", Line("Amoxicillin", "500 mg", "", "1-0-1", 5, 12)),
        ("vitamin d3 60,000 iu weekly", Line("vitamin d3", "60000 IU", "", "weekly")),
    ],
)
def test_a_line_is_understood(typed: str, line: PrescriptionInput) -> None:
    assert reading(typed).line == line


@pytest.mark.parametrize(
    ("typed", "unread"),
    [
        ("zinc 1-0-1 5d to be taken with water", "to be taken with water"),
        ("metformin 500-0-500", "500-0-500"),
        ("zinc 0-0-0", "0-0-0"),
        ("zinc od bd", "bd"),
        ("zinc q5h", "q5h"),
        ("amox 1 500 mg", "1"),
        ("zinc 5d 9d", "9d"),
        ("zinc od <b>x</b> [red]y[/]", "<b>x</b> [red]y[/]"),
    ],
)
def test_what_is_not_understood_is_kept_as_it_is_written(typed: str, unread: str) -> None:
    found = reading(typed)
    assert found.unread == unread
    assert unread in found.line.instructions


@pytest.mark.parametrize(
    "text", [*hostile.LITERAL, *hostile.REFUSED, hostile.TOO_LONG, "", " ", ",", "x", "1-0-1", "½"]
)
def test_any_text_is_read_without_losing_a_word(text: str) -> None:
    found = reading(f"zinc {text}")
    assert found.line.drug.startswith("zinc")
    reading(text)


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        (Line("x", "500 mg", "", "BD", 5), 10),
        (Line("x", "500 mg", "", "BD"), None),
        (Line("x", "500 mg", "", "", 5), None),
        (Line("x", "1 tsp", "", "TDS", 2), 30),
        (Line("x", "250 mg/5 ml syp", "", "TDS", 2), None),
        (Line("x", "10 units", "SC", "BD", 5), None),
        (Line("x", "drops", "left eye", "BD", 5), None),
        (Line("x", "1%", "", "BD", 5), None),
        (Line("x", "", "", "when it hurts", 5), None),
        (Line("x", "", "", "BD SOS", 5), None),
    ],
)
def test_the_total_is_counted_or_left_open(line: PrescriptionInput, quantity: int | None) -> None:
    assert total(line) == quantity


def test_a_line_reads_as_a_sentence() -> None:
    told = in_words(reading("tab amox 500 2 tab ½-0-1 5d po pc").line)
    assert told == (
        "Amoxicillin 500 mg 2 tablets · by mouth · ½ morning, 1 night · 5 days · after food"
        " · total 15 tablets"
    )
    assert in_words(reading("syp x 5 ml tds 3d").line) == (
        "x 5 ml syrup · three times a day · 3 days · total 45 ml"
    )
    assert in_words(Line("zinc", frequency="when told", duration_days=1)) == (
        "zinc · when told · 1 day"
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [("5", 5), ("5d", 5), ("2 w", 14), ("x5", 5), ("3/7", 3), ("1m", 30), ("soon", None)],
)
def test_a_duration_is_days(text: str, count: int | None) -> None:
    assert days(text) == count


_counts = st.sampled_from(["0", "1", "2", "½", "1½", "¼", "3"])
_patterns = st.lists(_counts, min_size=3, max_size=4).map("-".join).filter(pattern_of)
_strengths = st.builds(
    "{} {}".format, st.integers(1, 99_999), st.sampled_from(["mg", "g", "mcg", "IU", "mEq", "%"])
)
_amounts = st.builds(
    "{} {}".format,
    st.sampled_from(["1", "2.5", "10"]),
    st.sampled_from(["ml", "puffs", "drops", "units", "tsp"]),
)
_optional = st.just("")
_doses = st.lists(
    st.tuples(
        st.one_of(_optional, _strengths),
        st.one_of(_optional, _amounts),
        st.one_of(_optional, st.sampled_from(sorted(FORMS))),
    ).map(lambda parts: " ".join(part for part in parts if part)),
    min_size=1,
    max_size=1,
).map("".join)
_mains = st.one_of(
    _patterns, st.sampled_from(sorted(FREQUENCIES)), st.sampled_from(["q6h", "q24h"]), _optional
)
_lines = st.builds(
    PrescriptionInput,
    drug=st.sampled_from(["Zinc", "Vitamin B12", "Penicillin V", "Dolo"]),
    dose=_doses,
    route=st.one_of(_optional, st.sampled_from(sorted(ROUTES))),
    frequency=st.tuples(_mains, st.booleans()).map(
        lambda two: f"{two[0]}{' SOS' * two[1]}".strip()
    ),
    duration_days=st.one_of(st.none(), st.integers(1, 3650)),
    quantity=st.one_of(st.none(), st.integers(1, 100_000)),
    instructions=st.one_of(
        _optional,
        st.sampled_from(sorted(TIMINGS)),
        st.sampled_from(["review in a week", "after food, stop when it itches", "[b]slowly[/b]"]),
    ),
)


@given(_lines)
def test_what_is_written_is_read_back(line: PrescriptionInput) -> None:
    found = read(render(line))
    assert replace(found.line, quantity=line.quantity or found.line.quantity) == replace(
        line, quantity=line.quantity or total(line)
    )
    assert read(render(found.line)).line == found.line
