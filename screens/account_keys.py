"""The actions of one's own account, and of what has to be done first."""

from __future__ import annotations

from widgets.keys import KeyAction

PASSWORD = KeyAction("account.password", "p", "password", "Change your password", "password")
EDIT = KeyAction("account.edit", "e", "edit", "Change your particulars", "edit")
SECOND_FACTOR = KeyAction(
    "account.second-factor",
    "t",
    "second factor",
    "Codes of an authenticator app beside the password",
    "second_factor",
)
END = KeyAction("account.end", "x", "end sign-in", "End the sign-in under the cursor", "end")

SET_UP = KeyAction(
    "second-factor.set-up", "n", "set up", "Set it up, or anew for another phone", "set_up"
)
NEW_CODES = KeyAction(
    "second-factor.codes", "c", "new recovery codes", "Ten new recovery codes", "codes"
)
TURN_OFF = KeyAction("second-factor.off", "x", "turn off", "Turn the second factor off", "turn_off")

GO_ON = KeyAction("duty.go-on", "enter", "go on", "Do what has to be done first", "go_on")

ACTIONS: tuple[KeyAction, ...] = (
    PASSWORD,
    EDIT,
    SECOND_FACTOR,
    END,
    SET_UP,
    NEW_CODES,
    TURN_OFF,
    GO_ON,
)
