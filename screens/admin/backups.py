"""Backups of the hospital: what each holds, taking one now, looking through one. Bringing one back
is the shell's, where nobody can have the hospital open meanwhile."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import CHECK_BACKUP, FIND, TAKE_BACKUP
from screens.admin.lists import ListScreen
from screens.admin.tables import facts
from screens.base import acting
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from store.backup import kept, taking, verifying
from store.backup.kept import KeptBackup
from store.backup.manifest import Manifest
from store.errors import Invalid
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column

_NO_FOLDER = (
    "No folder of backups is set for the app: see [backups] folder. In the shell: "
    "chikitsa db backup FILE"
)
_UNITS = ("B", "kB", "MB", "GB", "TB")


class BackupsScreen(ListScreen[KeptBackup]):
    """The backups in the hospital's folder, the newest first."""

    TITLE_TEXT = "Backups"
    EMPTY = "No backup is here yet. n takes one."
    COLUMNS = (
        Column("taken", "Taken", 17),
        Column("name", "File"),
        Column("size", "Size", 8, right=True),
        Column("rows", "Rows", 9, right=True),
        Column("state", "Found whole", 14),
    )
    BINDINGS: ClassVar[list[BindingType]] = bind(TAKE_BACKUP, CHECK_BACKUP, FIND)

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.refuted: dict[str, str] = {}
        """What looking through found wrong, by the name of the file."""

    @property
    def folder(self) -> Path | None:
        """Where they are."""
        return self.context.services.backups

    def narrowed_by(self) -> str:
        """The folder."""
        return str(self.folder or "")

    async def read_items(self) -> dict[str, KeptBackup]:
        """What is in the folder."""
        if self.folder is None:
            self.table.say_empty(_NO_FOLDER)
            return {}
        found = await self.call(kept.kept_in, self.context.store, self.context.actor, self.folder)
        return {
            one.file.name: replace(one, wrong=one.wrong or self.refuted.get(one.file.name, ""))
            for one in found
        }

    def row(self, item: KeptBackup) -> tuple[Any, ...]:
        """When, what, how large, and whether it is known to be whole."""
        told = item.manifest
        return (
            f"{self._taken(told):%d %b %Y %H:%M}" if told else "–",
            item.file.name,
            size_words(told.bytes) if told else "–",
            f"{rows_of(told):,}" if told else "–",
            self._state(item),
        )

    def _taken(self, told: Manifest) -> Any:
        return told.taken_at.astimezone(self.context.services.timezone)

    def _state(self, item: KeptBackup) -> Text:
        if item.wrong:
            return cell("! not usable", style=self.colours["text-error"])
        if item.verified_at is None:
            return cell("○ v looks", style=self.colours["text-muted"])
        return cell(f"✔ {item.verified_at:%d %b %H:%M}", style=self.colours["text-success"])

    def known_by(self, item: KeptBackup) -> str:
        """Its name."""
        return item.file.name

    async def details(self, item: KeptBackup) -> Content:
        """What its manifest says, and how it is brought back."""
        told = item.manifest
        manifest = (
            [
                ("Hospital", told.contents.name),
                ("Taken", f"{self._taken(told):%a %d %b %Y %H:%M}"),
                ("Database", told.database),
                ("Size", f"{told.bytes:,} bytes"),
                ("Schema", told.contents.schema),
                ("Rows", f"{rows_of(told):,}"),
                ("Patients", f"{told.contents.rows.get('patient', 0):,}"),
                ("Appointments", f"{told.contents.rows.get('appointment', 0):,}"),
                ("Audit entries", f"{told.contents.audit_entries:,}"),
                ("SHA-256", told.sha256),
            ]
            if told
            else []
        )
        return lines(
            [
                content("[b]$name[/]", name=item.file.name),
                self._verdict(item),
                *facts(manifest),
                plain(""),
                content(
                    "[$text-muted]To bring it back, in the shell, with all terminals closed[/]"
                ),
                # On two lines, which a shell takes as one: the path alone is longer than a screen
                # of 80 columns has room for.
                plain("chikitsa db restore \\"),
                plain(shlex.quote(str(item.file))),
            ]
        )

    def _verdict(self, item: KeptBackup) -> Content:
        if item.wrong:
            return content("[$text-error]! $why[/]", why=item.wrong)
        if item.verified_at is None:
            return content("[$text-muted]○ not looked through here: v does[/]")
        at = f"{item.verified_at:%a %d %b %Y %H:%M}"
        return content("[$text-success]✔ found whole $at[/]", at=at)

    # Acting

    def action_take(self) -> None:
        """Take one now, after a question: it may be large."""
        if self.folder is None:
            self.say(_NO_FOLDER)
            return
        file = self.folder / f"chikitsa-{self.context.now():%Y%m%dT%H%M%S}"
        self.app.push_screen(
            Confirm("Take a backup", f"Write the whole hospital into {file}?"),
            lambda yes: self.take(file) if yes else None,
        )

    @acting
    async def take(self, file: Path) -> None:
        """Write it; everybody works on meanwhile."""
        self.say("Writing the backup; everybody can work on …")
        taken = await self.call(taking.take, self.context.store, self.context.actor, file)
        self._go_to = file.name
        self.done(f"{file.name}: {rows_of(taken):,} rows, {size_words(taken.bytes)}, found whole.")

    def action_check(self) -> None:
        """Look through the one under the cursor."""
        self.with_selected(self.check)

    @acting
    async def check(self, one: KeptBackup) -> None:
        """As a restore does before it replaces anything."""
        self.say(f"Looking through {one.file.name} …")
        self.refuted.pop(one.file.name, None)
        try:
            await self.call(verifying.check, self.context.store, self.context.actor, one.file)
        except Invalid as refusal:
            self.refuted[one.file.name] = refusal.message
            self.done(f"{one.file.name} cannot be restored.")
        else:
            self.done(f"{one.file.name} is whole, and what its manifest says.")


def rows_of(manifest: Manifest) -> int:
    """All rows of all tables."""
    return sum(manifest.contents.rows.values())


def size_words(size: int) -> str:
    """Bytes as people say them: `4.7 MB`."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return (
        f"{amount:.0f} {_UNITS[unit]}"
        if unit == 0 or amount >= 99.5
        else (f"{amount:.1f} {_UNITS[unit]}")
    )
