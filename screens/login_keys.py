"""The action of a visitor who has no account yet."""

from __future__ import annotations

from widgets.keys import KeyAction

REGISTER = KeyAction(
    "login.register", "f3", "new here: register", "Register yourself as a patient", "register"
)
ACTIONS: tuple[KeyAction, ...] = (REGISTER,)
