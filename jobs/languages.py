"""The languages that mails are written in: their dates, their greetings, their subjects.

The sentences of each kind of mail are in `templates/en` and `templates/hi`. Who speaks none of
these is written to in English.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from store.outbox import SUBJECTS
from store.values import MailKind


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `weekdays` begin with Monday; `code` names its folder of templates and is
    the `lang` of its HTML."""

    code: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    greeting: str
    closing: str
    subjects: Mapping[MailKind, str]

    def day(self, day: date) -> str:
        """`Monday, 5 January 2026`."""
        weekday, month = self.weekdays[day.weekday()], self.months[day.month - 1]
        return f"{weekday}, {day.day} {month} {day.year}"

    def moment(self, moment: datetime) -> str:
        """`Monday, 5 January 2026, 10:30`."""
        return f"{self.day(moment.date())}, {moment:%H:%M}"

    def greet(self, name: str) -> str:
        """How a mail to somebody begins."""
        return self.greeting.format(name=name)


ENGLISH = Language(
    "en",
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "Dear {name},",
    "This message was written by a program; nobody reads replies to it.",
    SUBJECTS,
)

HINDI = Language(
    "hi",
    ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार"),
    (
        *("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून"),
        *("जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
    ),
    "नमस्ते {name} जी,",
    "यह संदेश कंप्यूटर से अपने-आप भेजा गया है। कृपया इसका उत्तर न दें, उसे कोई नहीं पढ़ता।",
    {
        MailKind.BOOKED: "आपका अपॉइंटमेंट",
        MailKind.RESCHEDULED: "आपके अपॉइंटमेंट का समय बदल गया है",
        MailKind.CANCELLED: "आपका अपॉइंटमेंट रद्द हो गया है",
        MailKind.REMINDER: "आपके अपॉइंटमेंट की याद",
        MailKind.RECORDS: "आपके माँगे हुए कागज़ात",
        MailKind.PAPER: "आपके लिए एक कागज़",
        MailKind.SECURITY: "आपका खाता",
        MailKind.CODE: "आपका खाता",
        MailKind.OFFER: "पहले का एक समय खाली हुआ है",
        MailKind.REPORT: "महीने के कामकाज की रिपोर्ट",
    },
)

_LANGUAGES = {one.code: one for one in (ENGLISH, HINDI)}


def language_of(code: str) -> Language:
    """The language to write in to somebody who speaks `code` (`hi`, `hi-IN`)."""
    return _LANGUAGES.get(code.partition("-")[0], ENGLISH)


def wide(text: str, cells: int, *, right: bool = False) -> str:
    """A text in a column of so many cells: marks over and under letters take none."""
    room = " " * (cells - sum(unicodedata.category(c) not in ("Mn", "Me", "Cf") for c in text))
    return room + text if right else text + room


def zone_words(moment: datetime) -> str:
    """The zone's name, so that nobody takes the hour for that of another place."""
    offset = moment.strftime("%z")
    name, place = moment.tzname() or "", str(moment.tzinfo)
    told = f"UTC{offset[:3]}:{offset[3:5]}" if moment.tzinfo is not UTC else "UTC"
    return f"{name}, {place}, {told}" if name.isalpha() and name != place else f"{place}, {told}"
