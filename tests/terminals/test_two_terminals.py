"""Two desks at one hospital."""

from __future__ import annotations

import os
import signal

from tests.servers.process import wait_until
from tests.terminals.conftest import SMALL, WIDE, Desks
from tests.terminals.test_lost_line import begin_booking


def test_what_one_does_is_on_the_other_and_leaves_its_typing_alone(desks: Desks) -> None:
    first, second = desks.open(WIDE), desks.open(SMALL)
    first.press("/")
    first.type("Mena")
    first.press("Left", "Left")
    first.wait_for("Mena")
    second.type(":ravi pillai nair today")
    second.wait_for("book Ravi Pillai")
    second.press("Enter")
    second.wait_for("is booked with")
    first.wait_for("Ravi Pillai", "booked")
    first.type("e")
    first.wait_for("Meena", "Meena Rao")
    (booked,) = desks.appointments()
    assert booked["patient"] == "Ravi Pillai"


def test_a_slot_is_held_for_an_open_dialog_and_free_when_its_line_is_cut(desks: Desks) -> None:
    first, second = desks.open(SMALL), desks.open(SMALL)
    second.type("d")
    second.wait_for("Asha Nair")
    second.press("Enter")
    second.wait_for("first free")
    begin_booking(first)
    second.wait_for("held by")
    os.kill(first.pid, signal.SIGHUP)
    wait_until(lambda: "held by" not in second.screen, lambda: second.screen, 10)
