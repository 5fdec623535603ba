"""How many keys the desk's work takes, counted, and written on docs/keystrokes.md.

`CHIKITSA_WRITE_KEYSTROKES=1` writes the page anew; without it the test fails where the page says
something else than was counted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from store import patient_search
from store.actors import system
from store.values import AppointmentStatus as Status
from tests.ui.clinic import Clinic, busy_morning, settle, sign_in, words
from tests.ui.test_desk_queue import desk_of, shown, to
from widgets.keys import key_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keystrokes.md"
HEAD = """# Keystrokes

What the desk's everyday work takes, from the desk at rest: the keys beside the *letters* that one
would also say aloud (a name, a number, a reason). Printed by `tests/ui/test_keystrokes.py`, which
presses and counts them.

| what | keys | count | at most |
|---|---|---:|---:|
"""


@dataclass(frozen=True)
class Typed:
    """Letters that are not counted, and what they are."""

    text: str
    what: str


@dataclass
class Counted:
    """Presses keys, counts them, and keeps a line for each piece of work."""

    pilot: Pilot[Any]
    lines: list[str] = field(default_factory=list)

    async def work(self, what: str, most: int, *keys: str | Typed) -> None:
        """Press the keys of a piece of work, which may take so many at most."""
        count = 0
        told: list[str] = []
        for key in keys:
            if isinstance(key, Typed):
                await self.pilot.press(*key.text)
                told.append(f"*{key.what}*")
            else:
                await self.pilot.press(key)
                told.append(f"`{key_names(key)[0]}`")
                count += 1
            await settle(self.pilot)
        assert count <= most, what
        self.lines.append(f"| {what} | {' '.join(told)} | {count} | {most} |\n")


async def test_the_page_of_keystrokes_says_what_is_counted(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot)
        counted = Counted(pilot)
        await counted.work(
            "book a known patient into the next free slot of a doctor",
            8,
            *("slash", Typed("savitri", "patient"), "enter"),
            *("n", "a", "enter", "enter"),
        )
        assert f"{clinic.of(2)[-1].starts_at:%H:%M}" == "11:00"
        await counted.work("undo the last step", 1, "u")
        assert clinic.of(2)[-1].status is Status.CANCELLED
        await pilot.press("q", "d", *"nair", "enter", "q")
        await settle(pilot)
        await to(pilot, day["souza"])
        await counted.work("check in, on the row", 1, "c")
        assert clinic.find(day["souza"]).status is Status.CHECKED_IN
        await counted.work(
            "take in a known patient without an appointment (walk-in)",
            3,
            *("w", Typed("savitri", "patient"), "enter", "enter"),
        )
        assert clinic.of(2)[-1].walk_in
        await _walk_the_line(counted, clinic)
        await _act_on_rows(counted, clinic)
        await _register(counted, clinic)
    page = HEAD + "".join(counted.lines)
    if os.environ.get("CHIKITSA_WRITE_KEYSTROKES"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "CHIKITSA_WRITE_KEYSTROKES=1 writes it anew"


async def _walk_the_line(counted: Counted, clinic: Clinic) -> None:
    line = Typed("savitri bose tomorrow 1030", "patient doctor day time")
    await counted.work("book by one line", 2, "colon", line, "enter")
    assert sum(view.status is Status.BOOKED for view in clinic.of(2)) == 1


async def _act_on_rows(counted: Counted, clinic: Clinic) -> None:
    pilot = counted.pilot
    for patient, clock in ((1, "12:00"), (3, "12:15"), (4, "12:30")):
        clinic.book(patient, clinic.nair, clock)
    await settle(pilot)
    words_typed = Typed("nair booked", "words")
    await counted.work("narrow the queue", 2, "f", words_typed, "enter")
    assert shown(pilot) == ["Ashok Rao", "Imran Shaikh", "Meena Pillai"]
    numbers = Typed("1-3", "numbers")
    await counted.work(
        "check several in, by their numbers", 3, "number_sign", numbers, "enter", "c"
    )
    assert "3 patients wait now." in words(pilot)
    await counted.work("undo it for all of them", 1, "u")
    assert shown(pilot) == ["Ashok Rao", "Imran Shaikh", "Meena Pillai"]
    await pilot.press("g")
    await counted.work("check several in, row by row", 3, "space", "space", "c")
    await counted.work("show the whole queue again", 1, "a")
    assert len(shown(pilot)) == len(desk_of(pilot).queue)
    await pilot.press("G", "g")
    await counted.work("cancel, on the row", 2, "x", Typed("fever", "reason"), "enter")
    await counted.work("see a doctor's week", 2, "s", "w")
    await pilot.press("w", "q")


async def _register(counted: Counted, clinic: Clinic) -> None:
    """The whole form: no key but enter between the fields."""
    fields = (
        Typed("Latha Nambiar", "name"),
        Typed("34y", "birth date, year or age"),
        Typed("f", "sex"),
        Typed("9811198117", "phone"),
        Typed("latha@example.org", "e-mail"),
        Typed("h", "language"),
        Typed("3 Temple Road", "address"),
        Typed("Ravi Nambiar", "emergency contact"),
        Typed("9811198118", "their phone"),
        Typed("penicillin, latex", "allergies"),
    )
    keys = [part for one in fields for part in (one, "enter")]
    await counted.work("register a patient, the whole form", 1 + len(fields), "n", *keys)
    (found,) = clinic.store.read(system(), patient_search.search, "nambiar")
    assert (found.age, found.phone, found.address) == (34, "+919811198117", "3 Temple Road")
