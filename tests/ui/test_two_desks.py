"""Two desks at one hospital: what one does moves the other, and disturbs nobody there."""

from __future__ import annotations

from tests.ui.clinic import Clinic, busy_morning, on_both, picture, press, settle, sign_in
from tests.ui.test_desk_queue import desk_of, to


@on_both
async def test_what_one_desk_does_disturbs_nothing_on_the_other(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with (
        clinic.app().run_test(size=(120, 40)) as here,
        clinic.app().run_test(size=(80, 24)) as there,
    ):
        await sign_in(here)
        await sign_in(there, "root")
        await press(there, "2")
        screen = desk_of(here)
        await to(here, day["souza"])
        await press(here, "space")
        await press(here, "f", *"bose", "enter")
        await to(here, day["pillai"])
        await here.press("slash", *"sav", "left")
        await settle(here)
        await to(there, day["pillai"])
        await press(there, "c")
        await settle(here)
        assert "● waiting 0m" in picture(here)
        assert (screen.finder.text, screen.finder.field.cursor_position) == ("sav", 2)
        assert screen.finder.field.has_focus
        assert screen.table.selected == str(day["pillai"].id)
        assert screen.table.marks == {str(day["souza"].id)}
        await here.press("x")
        assert screen.finder.text == "saxv"
        await press(here, "escape", "q", "f", *"bose booked", "enter")
        await to(here, day["souza"])
        await press(there, "u")
        await settle(here)
        assert screen.table.selected == str(day["souza"].id)
        await to(there, day["souza"])
        await press(there, "c")
        await settle(here)
        assert desk_of(here).table.selected is None  # or the next key would be for Pillai
        assert screen.table.marks == {str(day["souza"].id)}
