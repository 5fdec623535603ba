"""Patients of mine: whom the doctor has seen, counted, and found as one types."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.doctor.keys import BOOK_PATIENT, FIND
from screens.doctor.own_list import OwnList, facts_beside
from screens.doctor.patient import PatientScreen
from store import own_patients
from store.values import OwnPatientsFigures, OwnPatientView, Page
from widgets.keys import HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import cell, content, lines
from widgets.record_table import Column, RecordTable, Row


class PatientsScreen(OwnList[OwnPatientView]):
    """The list, the figures over all of it, and the figures for one beside it."""

    TOPICS = frozenset({"appointment", "patient"})
    TITLE_TEXT = "Patients of yours"
    EMPTY = "Nobody was in consultation with you yet."
    HINT = "name, phone, number, birth date"
    ENTER = "timeline"
    SIDE_TITLE = "Patient"
    COLUMNS = (
        Column("patient", "Patient"),
        Column("who", "", 5),
        Column("mrn", "Number", 9),
        Column("last", "Last visit", 10),
        Column("visits", "Visits", 6, right=True),
        Column("next", "Next", 12),
    )
    BINDINGS: ClassVar[list[BindingType]] = bind(FIND, BOOK_PATIENT, HELP)
    CSS = """
    PatientsScreen #figures {
        height: 1; padding: 0 2; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def head(self) -> ComposeResult:
        """The figures over all."""
        yield Static("", id="figures", markup=False)

    async def read_page(self, text: str, offset: int) -> Page[OwnPatientView]:
        """Read the patients; the figures over all only with all of them."""
        if not text and not offset:
            figures = await self.read(own_patients.figures, self.doctor_id)
            self.query_one("#figures", Static).update(figures_line(figures))
        return await self.read(
            own_patients.list_patients,
            self.doctor_id,
            text=text,
            limit=self.PAGE_ROWS,
            offset=offset,
        )

    def key(self, item: OwnPatientView) -> str:
        """By the patient."""
        return str(item.id)

    def row(self, item: OwnPatientView) -> Row:
        """Name, last visit, counts, what is next."""
        muted = self.colours["text-muted"]
        return Row(
            self.key(item),
            (
                cell(item.name, style="" if item.active else muted),
                cell(sex_and_age(item.sex, item.age), style=muted),
                cell(item.mrn, style=muted),
                cell(day(item.last_at)),
                str(item.visits),
                cell(f"{item.next_at:%d %b %H:%M}" if item.next_at else ""),
            ),
        )

    def beside(self, item: OwnPatientView) -> Content:
        """The figures for one."""
        return lines(
            facts_beside(
                content("[b]$name[/]  $who", name=item.name, who=sex_and_age(item.sex, item.age)),
                one_facts(item),
                ("enter", "timeline and records"),
                ("b", "books the follow-up"),
            )
        )

    @on(RecordTable.Opened, "#list")
    def _opened(self) -> None:
        item = self.selected
        if item is not None:
            self.app.push_screen(PatientScreen(self.context, item.id, self.tab))

    def action_follow_up(self) -> None:
        """Book the patient under the cursor again."""
        item = self.selected
        if item is None:
            self.say("There is no patient under the cursor.")
        else:
            self.book_again(item.id)


def day(moment: datetime | None) -> str:
    """`05 Jan 26`; a dash where there is none."""
    return f"{moment:%d %b %y}" if moment else "–"


def figures_line(figures: OwnPatientsFigures) -> Content:
    """The figures over all patients, on one line."""
    share = round(100 * figures.missed / (figures.visits + figures.missed or 1))
    return content(
        "[b]$patients[/] patients · [b]$visits[/] visits · this month [b]$seen[/] seen, "
        "[b]$new[/] new · [b]$again[/] again · [b]$share[/] % missed",
        patients=f"{figures.patients:,}",
        visits=f"{figures.visits:,}",
        seen=figures.seen_this_month,
        new=figures.new_this_month,
        again=figures.booked_again,
        share=share,
    )


def one_facts(item: OwnPatientView) -> list[tuple[str, str]]:
    """The figures for one patient, with their labels."""
    return [
        ("number", item.mrn),
        ("phone", item.phone or "–"),
        ("visits", str(item.visits)),
        ("first visit", day(item.first_at)),
        ("last visit", day(item.last_at)),
        ("no-shows", str(item.missed)),
        ("next", f"{item.next_at:%a %d %b %Y %H:%M}" if item.next_at else "not booked"),
        ("", "" if item.active else "deactivated"),
    ]
