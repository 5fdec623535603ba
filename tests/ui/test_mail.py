"""The hospital's mail in the administrator's app: several messages acted on at once."""

from __future__ import annotations

from screens.admin.mail import MailScreen
from screens.shared.refused import RefusedDialog
from store import outbox
from store.actors import system
from tests.ui.clinic import Clinic, press, words
from tests.ui.test_admin_lists import open_tab


async def test_several_messages_are_sent_or_given_up_at_once(clinic: Clinic) -> None:
    for hour in (10, 11, 12):
        clinic.book(0, clinic.nair, f"{hour}:30")
    with clinic.store.database.begin(write=True) as connection:
        connection.execute(outbox.MESSAGE.update().values(status="held"))
        first = outbox.MESSAGE.c.id == 1
        connection.execute(outbox.MESSAGE.update().where(first).values(status="sent"))

    def statuses() -> list[str]:
        page = clinic.store.read(system(), outbox.list_messages)
        return [one.status.value for one in sorted(page.items, key=lambda one: one.id)]

    async with clinic.app().run_test(size=(80, 24)) as pilot:
        screen = await open_tab(pilot, MailScreen)
        await press(pilot, "number_sign", *"all", "enter")
        assert "◆ 3 marked t sends all of them x discards all esc unmarks" in words(pilot)
        await press(pilot, "t", "n")
        assert statuses() == ["sent", "held", "held"]
        await press(pilot, "t", "y")
        assert isinstance(pilot.app.screen, RefusedDialog)
        assert "1 of 3 refused" in words(pilot)
        assert statuses() == ["sent", "waiting", "waiting"]
        await press(pilot, "enter")
        assert "The 2 messages are tried again with the next delivery. 1 refused." in words(pilot)
        assert set(screen.marked) == {"1"}
        await press(pilot, "escape", "g", *"/status:waiting", "enter", "space", "space")
        assert set(screen.marked) == {"2", "3"}
        await press(pilot, "/", *"status:sent", "enter", "x", "y")
    assert statuses() == ["sent", "discarded", "discarded"]
