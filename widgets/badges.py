"""An appointment's status, told three times: by a sign, a word and a colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text
from textual.content import Content

from store.values import AppointmentStatus, AppointmentView
from widgets.plain import one_line, plain

_SIGNS: Mapping[AppointmentStatus, tuple[str, str, str]] = {
    AppointmentStatus.BOOKED: ("○", "booked", "status-booked"),
    AppointmentStatus.CHECKED_IN: ("●", "waiting", "status-waiting"),
    AppointmentStatus.IN_CONSULTATION: ("◐", "in consultation", "status-consultation"),
    AppointmentStatus.COMPLETED: ("✔", "completed", "status-done"),
    AppointmentStatus.CANCELLED: ("⊘", "cancelled", "status-cancelled"),
    AppointmentStatus.NO_SHOW: ("✗", "no-show", "status-missed"),
    AppointmentStatus.LEFT: ("←", "left", "status-missed"),
    AppointmentStatus.RESCHEDULED: ("↷", "rescheduled", "status-cancelled"),
    AppointmentStatus.IN_ERROR: ("!", "in error", "status-missed"),
}


@dataclass(frozen=True, slots=True)
class WaitLimits:
    """After how many minutes waiting is marked `!`, and after how many `!!`, so that nobody is
    forgotten; the hospital's configuration sets both."""

    warn: int = 15
    late: int = 30

    def mark(self, minutes: int) -> str:
        """The sign of so many minutes: nothing, `!` or `!!`."""
        if minutes >= self.late:
            return "!!"
        return "!" if minutes >= self.warn else ""


_MARK_STYLES = {"": "", "!": "status-long-wait", "!!": "status-missed"}


def status_words(status: AppointmentStatus, waited: int | None = None) -> str:
    """Sign and word, with the minutes waited: `● waiting 12m`."""
    sign, word, _ = _SIGNS[status]
    return f"{sign} {word}" if waited is None else f"{sign} {word} {waited}m"


def status_sign(status: AppointmentStatus) -> tuple[str, str]:
    """The sign alone, for where a word has no room, and its theme variable."""
    sign, _, style = _SIGNS[status]
    return sign, style


def status_text(
    view: AppointmentView,
    now: datetime,
    colours: Mapping[str, str],
    limits: WaitLimits,
    *,
    late: bool = False,
) -> Text:
    """The status as a table cell; `colours` are the theme's variables.

    A long wait is marked `!`, a longer one `!!`, each in its colour; with `late` so is somebody
    booked who has not come in time. An overbooked appointment is told as such.
    """
    minutes = view.waited_minutes(now)
    words, style = status_words(view.status, minutes), _SIGNS[view.status][2]
    if late and (behind := view.late_minutes(now)):
        minutes, words = behind, f"{_SIGNS[view.status][0]} late {behind}m"
    mark = limits.mark(minutes) if minutes is not None else ""
    colour = colours.get(_MARK_STYLES[mark] or style, "")
    if mark:
        colour, words = f"bold {colour}".strip(), f"{words} {mark}"
    if view.overbooked and not view.walk_in:
        words += " ‡ over"
    if view.walk_in:
        words += " · walk-in"
    return Text(one_line(words), style=colour, no_wrap=True)


def status_content(status: AppointmentStatus, waited: int | None = None) -> Content:
    """The status for a widget, in its colour."""
    return plain(status_words(status, waited)).stylize(f"${_SIGNS[status][2]}")
