"""What the audit trail says of where somebody works."""

from __future__ import annotations

import os
from pwd import getpwuid

import pytest

from chikitsa_tui.bootstrap import terminal_name


def test_the_user_is_the_processs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = getpwuid(os.getuid()).pw_name
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert terminal_name().startswith(f"{own}@")
    monkeypatch.setenv("CHIKITSA_OS_USER", "meera")
    assert terminal_name().startswith(f"meera ({own})@")
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.7 51000 10.0.0.1 22")
    assert terminal_name().endswith(" from 10.0.0.7")
